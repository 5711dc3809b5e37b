"""From pixels to the files that are made of them: renditions and analysis images."""
