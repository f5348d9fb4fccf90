"""Those who send us webhooks: pure functions on bytes; one file per provider, all of one shape."""
