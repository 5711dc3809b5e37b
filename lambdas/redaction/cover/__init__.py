"""The function that covers the faces of a chunk of a video."""
