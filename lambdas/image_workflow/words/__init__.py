"""The check of the words that can be read in an image."""
