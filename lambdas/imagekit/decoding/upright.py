"""Turn pictures of libvips for display."""

import pyvips

from imagekit.metadata.orientation import UPRIGHT


def upright(image: pyvips.Image, *, orientation: int) -> pyvips.Image:
    """Rotate and flip pixels for display.

    Parameters
    ----------
    image
        In memory.
    orientation
        1 to 8, as in EXIF.
    """
    if orientation == UPRIGHT:
        return image
    marked = image.copy()
    marked.set_type(pyvips.GValue.gint_type, "orientation", orientation)
    turned: pyvips.Image = marked.autorot().copy_memory()
    return turned
