"""The functions that redact, one package each. They never import one another."""
