"""The check of type and dimensions, based on an image's header alone."""
