"""The check of what an image must show, in workflows whose routes are data."""
