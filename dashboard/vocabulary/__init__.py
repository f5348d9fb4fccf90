"""The words all layers speak: frozen dataclasses and enums, no Flask, no SQL, no rules that need rows."""
