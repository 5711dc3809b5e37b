"""What TIFF structures, EXIF data and colour profiles say, whatever file they come in."""
