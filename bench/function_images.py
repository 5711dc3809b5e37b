"""The images for the measurements of functions: typical ones, and the worst that the limits accept."""

import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from io import BytesIO
from math import isqrt
from pathlib import Path
from typing import Any

import numpy as np
import tifffile
from PIL import Image, ImageDraw
from tests.unit.raw_pictures import dng

from bench.heic import pillow_heif_folder
from bench.photographs import photograph_12_mp, photograph_24_mp
from imagekit.decoding.limits import MAX_DECODING_BYTES, decoding_bytes
from imagekit.formats.header import Header
from safelight_contracts.image_types import ImageType
from safelight_contracts.limits import Limits

_ROOT = Path(__file__).parents[1]
_BOXED = {ImageType.AVIF, ImageType.HEIC, ImageType.JPEG2000}
_COLOR_FILTER_ARRAY = 32803  # PhotometricInterpretation, TIFF/EP


@dataclass(frozen=True, kw_only=True)
class Worst:
    """An image with the most pixels of its type, in a file of the maximum size.

    Attributes
    ----------
    type
        The image type.
    write
        Writes it to a path, with a number of pixels a side.
    """

    type: ImageType
    write: Callable[[Path, int], None]


def screenshot() -> bytes:
    """Draw windows with lines of text, 2560 x 1440."""
    image = Image.new("RGB", (2560, 1440), "#1e3a5f")
    draw = ImageDraw.Draw(image)
    for left, top in ((80, 60), (700, 300), (1400, 120)):
        draw.rectangle((left, top, left + 1000, top + 1000), fill="white", outline="#888888")
        for line in range(60):
            draw.text((left + 16, top + 16 + 16 * line), f"{line:03} The quick brown fox, {left * line} jumps", "black")
    return _saved(image, "PNG")


def camera_raw() -> bytes:
    """Make a DNG of 24 megapixels with a preview of that size, like a camera."""
    photograph = photograph_24_mp()
    return dng(Image.open(BytesIO(photograph)), preview=photograph)


def heic() -> bytes:
    """Write the photograph of 12 megapixels like a telephone."""
    return _heic(Image.open(BytesIO(photograph_12_mp())))


TYPICAL: Mapping[str, Callable[[], bytes]] = {
    "JPEG, 12 MP": photograph_12_mp,
    "JPEG, 24 MP": photograph_24_mp,
    "HEIC, 12 MP": heic,
    "PNG screenshot, 4 MP": screenshot,
    "DNG with preview, 24 MP": camera_raw,
}
"""Images that people upload. The first is the most common."""


def _of_memory(kind: str) -> Callable[[Path, int], None]:
    def write(path: Path, side: int) -> None:
        command = [sys.executable, "-m", "bench.memory", "--draw", str(path), kind]
        subprocess.run(command, env={"SIDE": str(side), "PATH": ""}, cwd=_ROOT, check=True)  # noqa: S603

    return write


def _write_jpeg2000(path: Path, side: int) -> None:
    _noisy(side, "RGBA").save(path, "JPEG2000", irreversible=True, quality_layers=[20])


def _write_heic(path: Path, side: int) -> None:
    # libde265 cannot decode x265's file of plain noise of this size.
    path.write_bytes(
        _heic(Image.blend(Image.radial_gradient("L").resize((side, side)), _noisy(side, "L"), 0.2).convert("RGB"))
    )


def _write_dng(path: Path, side: int) -> None:
    # 16 bits per pixel, so the file size limits the number of pixels.
    side = min(side, isqrt((Limits.max_bytes - 4096) // 2)) // 2 * 2
    sensor = np.random.default_rng(1).integers(1000, 60_000, (side, side), dtype=np.uint16)
    tags: list[tuple[int | str, int | str, int | None, Any, bool]] = [
        (33421, "H", 2, (2, 2), True),  # CFARepeatPatternDim
        (33422, "B", 4, (0, 1, 1, 2), True),  # CFAPattern: RGGB
        (50706, "B", 4, (1, 4, 0, 0), True),  # DNGVersion
        (50707, "B", 4, (1, 1, 0, 0), True),  # DNGBackwardVersion
        (50708, "s", 0, "Safelight", True),  # UniqueCameraModel
        (50717, "I", 1, 65_535, True),  # WhiteLevel
        (50721, "2i", 9, (10, 10, 0, 1, 0, 1, 0, 1, 10, 10, 0, 1, 0, 1, 0, 1, 10, 10), True),  # ColorMatrix1
        (50728, "2I", 3, (1, 1, 1, 1, 1, 1), True),  # AsShotNeutral
    ]
    tifffile.imwrite(path, sensor, photometric=_COLOR_FILTER_ARRAY, extratags=tags, metadata=None, rowsperstrip=side)


WORST: Mapping[str, Worst] = {
    "JPEG progressive CMYK": Worst(type=ImageType.JPEG, write=_of_memory("JPEG progressive CMYK")),
    "PNG 16 RGBA interlaced": Worst(type=ImageType.PNG, write=_of_memory("PNG 16 RGBA interlaced")),
    "WEBP lossless alpha": Worst(type=ImageType.WEBP, write=_of_memory("WEBP lossless alpha")),
    "TIFF 8 Lab one strip": Worst(type=ImageType.TIFF, write=_of_memory("TIFF 8 Lab one strip")),
    "AVIF 10 alpha": Worst(type=ImageType.AVIF, write=_of_memory("AVIF 10 alpha")),
    "HEIC": Worst(type=ImageType.HEIC, write=_write_heic),
    "JPEG 2000 alpha": Worst(type=ImageType.JPEG2000, write=_write_jpeg2000),
    "DNG without preview": Worst(type=ImageType.RAW, write=_write_dng),
}
"""By kind. By the values of `imagekit.formats`, these need the most memory of their type."""


def worst(kind: str, *, folder: Path) -> bytes:
    """Write the worst image of a kind, and pad its file to the maximum size.

    Parameters
    ----------
    kind
        A key of `WORST`.
    folder
        A folder for a temporary file.
    """
    made = WORST[kind]
    bytes_a_pixel = decoding_bytes(Header(type=made.type, stored_width=1, stored_height=1))
    path = folder / "worst"
    made.write(path, isqrt(min(Limits.max_pixels, MAX_DECODING_BYTES // bytes_a_pixel)))
    data = path.read_bytes()
    path.unlink()
    left = Limits.max_bytes - len(data)
    if left < 8:
        return data
    # After the image, in a box with its length.
    start = left.to_bytes(4, "big") + b"free" if made.type in _BOXED else b""
    return data + start + bytes(left - len(start))


def _noisy(side: int, mode: str) -> Image.Image:
    return Image.merge(mode, [Image.effect_noise((side, side), 20) for _ in mode])


def _saved(image: Image.Image, image_type: str) -> bytes:
    file = BytesIO()
    image.save(file, image_type)
    return file.getvalue()


def _heic(image: Image.Image) -> bytes:
    program = (
        "import sys; sys.path.append(sys.argv[1]); import pillow_heif; from PIL import Image;"
        "pillow_heif.register_heif_opener(); Image.MAX_IMAGE_PIXELS = None;"
        # It takes a tenth of the time. Otherwise, encoding takes minutes.
        "preset = {'preset': 'ultrafast'};"
        "Image.open(sys.stdin.buffer).save(sys.stdout.buffer, 'HEIF', quality=60, enc_params=preset)"
    )
    command = [sys.executable, "-c", program, str(pillow_heif_folder())]
    return subprocess.run(command, input=_saved(image, "BMP"), capture_output=True, check=True).stdout  # noqa: S603
