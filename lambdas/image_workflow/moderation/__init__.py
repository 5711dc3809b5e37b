"""The moderation check in workflows whose routes are data."""
