"""Clients meet real servers on loopback."""

from tests.buckets import bucket_url, s3_server

__all__ = ["bucket_url", "s3_server"]
