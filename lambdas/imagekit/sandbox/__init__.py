"""Processes that handle files in place of the one that was given them, within limits."""
