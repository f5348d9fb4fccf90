"""Made-up traffic that looks like a provider's, and what must be counted of it: to try a source before going live.

`stories` makes messages by `telling` what becomes of them, `plan` puts their events into requests, `posting` composes
and posts these, and `expectation` adds up what was told. The clock, the network and the secrets are passed in.
"""
