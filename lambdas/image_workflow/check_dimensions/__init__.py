"""The check on type and dimensions, by an image's header alone."""
