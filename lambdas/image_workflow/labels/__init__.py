"""The check on what an image must show, where routes are data."""
