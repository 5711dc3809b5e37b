"""Makes an image in a size that a website has not stored, and sends the viewer back."""
