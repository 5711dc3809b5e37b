"""The function that joins and publishes a redacted video."""
