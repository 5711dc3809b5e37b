"""Redact images and videos: find what is covered, and keep redacted copies of the objects of a bucket."""
