"""Rows to something to show: pure functions and frozen dataclasses, without Flask and without SQL."""
