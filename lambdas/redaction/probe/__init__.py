"""The function that validates and plans a video."""
