"""The check for people."""
