"""Reads: rows or frozen dataclasses; never writes."""
