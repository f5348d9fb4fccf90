"""The parts of the benchmark `ingest`."""
