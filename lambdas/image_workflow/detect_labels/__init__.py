"""The check for people, where routes are not data."""
