"""Measure redaction against its peers."""
