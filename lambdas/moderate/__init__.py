"""The check for content that must not be published."""
