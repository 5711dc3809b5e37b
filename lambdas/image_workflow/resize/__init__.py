"""The step that makes renditions, where routes are not data."""
