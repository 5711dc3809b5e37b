"""The function that forgets the images of a source that has changed."""
