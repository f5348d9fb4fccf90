"""Sending domains: what should be published for them, what was found, and what that means; pure."""
