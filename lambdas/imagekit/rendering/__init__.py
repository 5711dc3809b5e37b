"""Make files from pixels: renditions and analysis images."""
