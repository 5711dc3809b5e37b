"""Redact images: find what is covered, and keep redacted copies of the objects of a bucket."""
