"""The functions of image delivery, one package each. They never import one another."""
