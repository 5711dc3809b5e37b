"""The step that makes renditions in workflows whose routes are data."""
