"""The function that keeps redacted copies of uploads."""
