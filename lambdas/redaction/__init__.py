"""Functions of redaction."""
