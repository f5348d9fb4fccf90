"""User templates: variables, rendering within limits, warnings, plain text, differences of versions; pure."""
