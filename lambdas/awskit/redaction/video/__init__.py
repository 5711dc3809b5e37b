"""Redact videos: what each function of the workflow does, on files in S3."""
