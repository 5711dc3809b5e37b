"""Similarity of a picture to the ideal one: SSIM of the luma against Lanczos in floating point from a full decode.

The index is scikit-image's, with the Gaussian windows of Wang, Bovik, Sheikh and Simoncelli (2004). The implementation
and the windows differ from the engine's own.
"""

from functools import lru_cache
from io import BytesIO
from typing import Any

import numpy as np
from PIL import Image
from skimage.metrics import structural_similarity

Luma = np.ndarray[Any, np.dtype[np.float32]]


def luma(image: Image.Image) -> Luma:
    """Return the luma of an image (ITU-R BT.601) without rounding."""
    red, green, blue = (np.asarray(band, dtype=np.float32) for band in image.convert("RGB").split())
    weighted: Luma = 0.299 * red + 0.587 * green + 0.114 * blue
    return weighted


@lru_cache(maxsize=16)
def reference(data: bytes, *, size: tuple[int, int]) -> Luma:
    """Return the ideal luma of a picture of a file. The file must be stored as it is displayed.

    Parameters
    ----------
    data
        The whole file.
    size
        Width and height of the picture.
    """
    return _scaled(_whole_luma(data), size=size)


@lru_cache(maxsize=1)
def _whole_luma(data: bytes) -> Luma:
    return luma(Image.open(BytesIO(data)))


def lanczos(image: Image.Image, *, size: tuple[int, int]) -> Luma:
    """Scale an image's luma by Lanczos in floating point."""
    return _scaled(luma(image), size=size)


def _scaled(whole: Luma, *, size: tuple[int, int]) -> Luma:
    return np.asarray(Image.fromarray(whole).resize(size, Image.Resampling.LANCZOS), dtype=np.float32)


def similarity(image: Image.Image, *, to: Luma) -> float:
    """Return the similarity of an image to its ideal luma of the same size. 1 means that they are equal."""
    return float(
        structural_similarity(  # type: ignore[no-untyped-call]
            luma(image), to, data_range=255, gaussian_weights=True, sigma=1.5, use_sample_covariance=False
        )
    )
