"""Make images in tests: from arrays of pixels, and back to arrays."""

from collections.abc import Sequence
from io import BytesIO
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from tests.unit.pictures import decoded, encoded

from imagekit.decoding.limits import inspect
from imagekit.geometry import Box
from imagekit.operations.delivered import DeliveredImage, EncodedImage
from imagekit.operations.make import make_image
from safelight_contracts.delivery.accept import AcceptedType
from safelight_contracts.delivery.operations import ImagePlan, Operation, Output
from safelight_contracts.image_types import ImageType
from safelight_contracts.limits import Limits

Pixels = NDArray[np.uint8]


def file_of(pixels: Pixels) -> bytes:
    """Write pixels as a PNG: rows, columns, and one to four channels."""
    picture = Image.fromarray(pixels[..., 0] if pixels.shape[2] == 1 else pixels)
    return encoded(picture, "PNG", compress_level=1)


def read(data: bytes) -> EncodedImage:
    """Read a file's header, within the default limits."""
    return EncodedImage(data=data, header=inspect(data, limits=Limits()))


def make(
    data: bytes, *operations: Operation, accepted: AcceptedType = AcceptedType.PLAIN, **given: Any
) -> DeliveredImage:
    """Make an image. Keywords of `Output` are the plan's, others those of `make_image`."""
    ours = {name: given.pop(name) for name in list(given) if name in Output.__dataclass_fields__}
    plan = ImagePlan(operations=operations, output=Output(**ours))
    return make_image(read(data), plan=plan, accepted=accepted, **given)


def result(pixels: Pixels, *operations: Operation, faces: Sequence[Box] = (), **given: Any) -> Pixels:
    """Perform operations on pixels. The result has three channels, or four if something is transparent."""
    made = make(file_of(pixels), *operations, type=ImageType.PNG, faces=faces, **given)
    return array_of(made.data)


def array_of(data: bytes) -> Pixels:
    """Return the pixels of a file."""
    return np.asarray(decoded(data))


def flat(width: int, height: int, *color: int) -> Pixels:
    """Return pixels of one colour."""
    return np.full((height, width, len(color)), color, np.uint8)


def noise(width: int, height: int, *, channels: int = 3, seed: int = 7) -> Pixels:
    """Return random pixels."""
    return np.random.default_rng(seed).integers(0, 256, (height, width, channels), np.uint8)


def smooth(width: int, height: int) -> Pixels:
    """Return a picture without edges: red grows to the right, green downwards."""
    across, down = np.meshgrid(np.linspace(20, 230, width), np.linspace(20, 230, height))
    return np.dstack([across, down, np.full_like(across, 90)]).round().astype(np.uint8)


def positions(width: int, height: int) -> Pixels:
    """Return pixels of which each names its column and row."""
    across, down = np.meshgrid(np.arange(width), np.arange(height))
    return np.dstack([across & 255, down & 255, (across >> 8) << 4 | down >> 8]).astype(np.uint8)


def frames_of(data: bytes) -> list[Image.Image]:
    """Return all frames of a file, in RGBA."""
    image = Image.open(BytesIO(data))
    frames = []
    for number in range(getattr(image, "n_frames", 1)):
        image.seek(number)
        frames.append(image.convert("RGBA"))
    return frames
