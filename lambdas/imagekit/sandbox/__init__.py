"""Worker processes that handle untrusted files within limits, so that the calling process need not."""
