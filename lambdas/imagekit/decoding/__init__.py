"""From the bytes of a file to its pixels, in sRGB."""
