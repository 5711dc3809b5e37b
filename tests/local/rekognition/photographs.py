"""Real photographs, as scikit-image ships them, encoded the way an upload is."""

import importlib.resources
import io
from typing import Any

from PIL import Image

ORIENTATION = 0x0112
TURNED_RIGHT = 6


def person() -> Image.Image:
    """An astronaut, from the waist up."""
    return _photograph("astronaut.png")


def cameraman() -> Image.Image:
    """A man behind a camera on a tripod, in black and white."""
    return _photograph("camera.png")


def cup() -> Image.Image:
    """A cup of coffee on a table."""
    return _photograph("coffee.png")


def cat() -> Image.Image:
    """The face of a cat."""
    return _photograph("chelsea.png")


def encoded(image: Image.Image, *, format: str = "JPEG", **options: Any) -> bytes:  # noqa: A002 - Pillow's word
    """Encode an image, with what `PIL.Image.Image.save` takes for the format."""
    buffer = io.BytesIO()
    image.save(buffer, format, **options)
    return buffer.getvalue()


def lying_on_its_side(image: Image.Image) -> bytes:
    """Encode an image as a rotated JPEG, with the orientation that rotates it upright."""
    exif = Image.Exif()
    exif[ORIENTATION] = TURNED_RIGHT
    return encoded(image.transpose(Image.Transpose.ROTATE_90), exif=exif)


def _photograph(name: str) -> Image.Image:
    with importlib.resources.files("skimage.data").joinpath(name).open("rb") as file:
        return Image.open(file).convert("RGB")
