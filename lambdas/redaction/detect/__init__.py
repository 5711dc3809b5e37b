"""The function that looks for faces in a chunk of a video."""
