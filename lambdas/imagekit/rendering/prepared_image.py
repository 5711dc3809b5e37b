"""The image that checks examine, as functions know it that do not decode themselves."""

from dataclasses import dataclass

from imagekit.decoding.development import LARGE_ENOUGH
from imagekit.tiles import Tiles

MAX_ANALYSIS_SIDE = LARGE_ENOUGH
"""The maximum length of the longer side, in pixels."""


@dataclass(frozen=True, kw_only=True)
class PreparedImage:
    """The image that Rekognition examines.

    Attributes
    ----------
    data
        A JPEG of 80 to 1920 pixels a side and at most 5 MB.
    tiles
        How the image is divided. One tile if it is one picture.
    """

    data: bytes
    tiles: Tiles
