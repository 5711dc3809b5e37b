"""What steps do with images: the verdict on a header, renditions, the files of watermarks."""
