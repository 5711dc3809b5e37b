"""Deletes the images of a source that has changed from a website."""
