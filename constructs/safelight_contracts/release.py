"""The alias of the released version of a workflow."""

ALIAS = "live"
"""Name of the alias that events, and retries of them, start."""
