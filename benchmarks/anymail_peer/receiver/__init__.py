"""The Django app that keeps events and counts them."""
