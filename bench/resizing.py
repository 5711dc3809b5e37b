"""Ways to make smaller pictures of a file: with the engine, Pillow and OpenCV."""

from collections.abc import Sequence
from io import BytesIO

import cv2
import numpy as np
from PIL import Image

from imagekit.decoding.decode import decode
from imagekit.decoding.limits import inspect
from imagekit.geometry import Size, place
from imagekit.rendering.cascade import cascade
from imagekit.rendering.render import render
from safelight_contracts.image_types import ImageType
from safelight_contracts.limits import Limits
from safelight_contracts.renditions import Fit, Rendition

MAX_SIDE = 65_500
QUALITY = 80


def by_engine(data: bytes, *, widths: Sequence[int]) -> list[Image.Image]:
    """Do the work of `imagekit.rendering.render` before encoding."""
    header = inspect(data, limits=Limits())
    image = Size(width=header.width, height=header.height)
    placements = [place(image, fit=Fit.INSIDE, width=width, max_side=MAX_SIDE) for width in widths]
    return [picture for _, picture in cascade(decode(data, header=header), placements=placements)]


def files_by_engine(data: bytes, *, widths: Sequence[int]) -> list[bytes]:
    """Render JPEGs like the step Resize."""
    renditions = [
        Rendition(name=str(width), width=width, height=None, fit=Fit.INSIDE, type=ImageType.JPEG) for width in widths
    ]
    return [one.data for one in render(data, header=inspect(data, limits=Limits()), renditions=renditions)]


def by_naive_pillow(data: bytes, *, widths: Sequence[int]) -> list[Image.Image]:
    """Open and resize the file for each picture."""
    pictures = []
    for width in widths:
        image = Image.open(BytesIO(data))
        pictures.append(image.resize((width, height_of(image.size, width=width)), Image.Resampling.LANCZOS))
    return pictures


def by_pillow_cascade(data: bytes, *, widths: Sequence[int]) -> list[Image.Image]:
    """Open the file once, and resize each picture from the previous one."""
    picture = Image.open(BytesIO(data))
    pictures: list[Image.Image] = []
    for width in widths:
        before = pictures[-1] if pictures else picture
        pictures.append(before.resize((width, height_of(picture.size, width=width)), Image.Resampling.LANCZOS))
    return pictures


def files_by_naive_pillow(data: bytes, *, widths: Sequence[int]) -> list[bytes]:
    """Open, resize and save the file for each picture."""
    return [_jpeg(picture) for picture in by_naive_pillow(data, widths=widths)]


def _jpeg(picture: Image.Image) -> bytes:
    file = BytesIO()
    picture.save(file, "JPEG", quality=QUALITY)
    return file.getvalue()


def by_opencv(data: bytes, *, width: int) -> Image.Image:
    """Decode at an eighth of the size, then resize by area averaging."""
    reduced = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_REDUCED_COLOR_8)
    if reduced is None:
        raise SystemExit("OpenCV does not read the photograph")
    height = height_of((reduced.shape[1], reduced.shape[0]), width=width)
    small = cv2.resize(reduced, (width, height), interpolation=cv2.INTER_AREA)
    return Image.fromarray(cv2.cvtColor(small, cv2.COLOR_BGR2RGB))


def scaled_decode(data: bytes, *, width: int) -> Image.Image:
    """Decode with libjpeg-turbo at the smallest sufficient scale. No method that reads the file can be faster."""
    image = Image.open(BytesIO(data))
    image.draft(None, (width, height_of(image.size, width=width)))
    image.load()
    return image


def full_decode(data: bytes) -> Image.Image:
    """Decode at full size, with Pillow."""
    image = Image.open(BytesIO(data))
    image.load()
    return image


def height_of(size: tuple[int, int], *, width: int) -> int:
    """Return the height of a picture of a width, at an image's aspect ratio."""
    return round(size[1] * width / size[0])
