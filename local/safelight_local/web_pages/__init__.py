"""URLs and HTML tags of delivered images."""
