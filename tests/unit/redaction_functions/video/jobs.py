"""The key of the video that functions work on in tests."""

KEY = "incoming/film.mp4"
