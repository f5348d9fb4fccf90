"""The store: engines with read and write transactions for SQLite and PostgreSQL, column types, and raw SQL."""
