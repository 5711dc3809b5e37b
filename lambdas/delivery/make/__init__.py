"""The function that makes an image when it is asked for."""
