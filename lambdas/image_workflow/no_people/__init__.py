"""The check for people, where routes are data."""
