"""Sendscope: the dashboard that e-mail teams trust."""

__version__ = "0.1.0"
