"""The function that links faces over a whole video."""
