"""The check for people in workflows whose routes are data."""
