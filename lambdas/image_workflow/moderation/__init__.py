"""The check for content that must not be published, where routes are data."""
