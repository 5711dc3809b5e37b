"""Decode an image for detectors, and fit it to their input."""

import cv2
import numpy as np
import numpy.typing as npt

from imagekit.tiles import Tiles
from visionkit.networks import Floats

Pixels = npt.NDArray[np.uint8]


class UndecodableImageError(ValueError):
    """An image cannot be decoded."""


def decode(data: bytes) -> Pixels:
    """Decode an image to height x width x 3, blue before green before red, upright by its EXIF data.

    Raises UndecodableImageError: OpenCV cannot read it.
    """
    # OpenCV raises on an empty array. It returns None for anything else that it cannot read.
    pixels = cv2.imdecode(np.frombuffer(data, dtype=np.uint8), cv2.IMREAD_COLOR) if data else None
    if pixels is None:
        raise UndecodableImageError("the analysis image cannot be decoded")
    return pixels.astype(np.uint8, copy=False)


def tiles_of(pixels: Pixels, *, tiles: Tiles) -> list[Pixels]:
    """Cut an image into its tiles, row by row."""
    width, height = pixels.shape[1] // tiles.columns, pixels.shape[0] // tiles.rows
    return [
        pixels[row * height : (row + 1) * height, column * width : (column + 1) * width]
        for row in range(tiles.rows)
        for column in range(tiles.columns)
    ]


def stretched(pixels: Pixels, *, side: int) -> Pixels:
    """Stretch an image to a square of `side` pixels, as COCO-SSD was trained."""
    return cv2.resize(pixels, (side, side), interpolation=_interpolation(pixels, to=side)).astype(np.uint8, copy=False)


def letterboxed(pixels: Pixels, *, side: int) -> Pixels:
    """Scale an image into the upper left of a black square of `side` pixels, and keep its aspect ratio."""
    picture = fitted(pixels, side=side)
    square = np.zeros((side, side, 3), dtype=np.uint8)
    square[: picture.shape[0], : picture.shape[1]] = picture
    return square


def fitted(pixels: Pixels, *, side: int) -> Pixels:
    """Scale an image so that its longer side has `side` pixels, and keep its aspect ratio."""
    height, width = pixels.shape[:2]
    scale = side / max(height, width)
    size = max(1, round(width * scale)), max(1, round(height * scale))
    return cv2.resize(pixels, size, interpolation=_interpolation(pixels, to=side)).astype(np.uint8, copy=False)


def as_input(pixels: Pixels, *, scale: float, mean: float) -> Floats:
    """Convert an image to a network's input: 1 x 3 x height x width, red first, (value - mean) x scale.

    `pixels`: the image, 0 to 255.
    """
    return cv2.dnn.blobFromImage(pixels, scale, mean=(mean, mean, mean), swapRB=True).astype(np.float32, copy=False)


def _interpolation(pixels: Pixels, *, to: int) -> int:
    # Averaging over the area keeps small people visible when an image shrinks a lot.
    return cv2.INTER_AREA if max(pixels.shape) > to else cv2.INTER_LINEAR
