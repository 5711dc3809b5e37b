"""Reads the size of a picture from its header."""

import warnings
from typing import IO

from safelight_local.web_pages.result_sizes import Size

# TIFF 6.0 and EXIF 2.32: the orientation, and its values that turn the picture by 90 degrees.
_ORIENTATION = 0x0112
_TURNED = frozenset({5, 6, 7, 8})


def upright_size(file: IO[bytes]) -> Size | None:
    """Read the size of a picture as it is shown.

    Parameters
    ----------
    file
        The beginning of it can be enough: pixels are not read.

    Returns
    -------
    Size or None
        None if it is no picture that Pillow knows, or if too little of it is there.
    """
    # Pillow takes longer to import than most commands take.
    from PIL import Image, UnidentifiedImageError

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(file) as picture:
                turned = picture.getexif().get(_ORIENTATION) in _TURNED
                width, height = picture.size
    except (OSError, UnidentifiedImageError, Image.DecompressionBombError, ValueError, SyntaxError):
        return None
    return Size(width=height, height=width) if turned else Size(width=width, height=height)
