"""The check on the words that can be read in an image."""
