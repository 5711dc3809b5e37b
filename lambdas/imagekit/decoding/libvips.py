"""libvips: it decodes JPEG, PNG and TIFF, converts colours, and scales. Only the loaders that are used can run.

libvips reads the rows of a file when a picture is computed, not when it is opened. An error in the file therefore
appears in `evaluate`.
"""

import logging
import os
import re
from collections.abc import Mapping

from PIL import Image

from imagekit.rejection import unreadable

# Functions have one processor or less. libvips reads this when it is loaded.
os.environ.setdefault("VIPS_CONCURRENCY", "1")

import pyvips

# What libtiff reports of a file. A damaged file could fill the log.
_REPORTS = logging.getLogger("pyvips")
_REPORTS.setLevel(logging.WARNING)
_REPORTS.propagate = False
_REPORTS.addHandler(logging.NullHandler())

# A cached operation would keep pixels of one file in memory while the next one is processed.
pyvips.cache_set_max(0)
pyvips.operation_block_set("VipsForeignLoad", True)  # noqa: FBT003 - the names of the arguments are not fixed
for _allowed in ("VipsForeignLoadJpeg", "VipsForeignLoadPng", "VipsForeignLoadTiff"):
    pyvips.operation_block_set(_allowed, False)  # noqa: FBT003

_OPTIONS: Mapping[str, Mapping[str, object]] = {
    "jpegload": {"fail_on": "error"},
    # Pixels that are missing, and a wrong Adler-32 of the image data, but no wrong checksum of one of their chunks.
    "pngload": {"fail_on": "truncated"},
    # Without `unlimited`, libtiff reads no strip of more than 50 MB. The worker limits the memory of the whole process.
    "tiffload": {"fail_on": "error", "unlimited": True},
    # Only `imagekit.decoding.scaled` allows this loader.
    "webpload": {"fail_on": "error"},
}
_AT_FULL_SIZE: Mapping[str, float] = {}
_PROFILE = "icc-profile-data"
_FORMATS = {"L": "uchar", "I;16": "ushort", "I;16L": "ushort", "I": "int", "F": "float"}
_BANDS = {"RGB": 3, "RGBA": 4, "CMYK": 4, "LA": 2}
_INTERPRETATIONS = {"RGB": "srgb", "RGBA": "srgb", "CMYK": "cmyk"}

# What libjpeg (jerror.h) and libtiff report if some pixels are not in the file. They are grey, black or white then.
_MISSING_DATA = re.compile(
    r"premature end of data segment|bad Huffman code|instead of RST|bad arithmetic code"
    # After the last scan, such bytes are harmless. Elsewhere, what follows may be missing: only this is reported then.
    r"|extraneous bytes before marker 0x(?!d9)"
    r"|tiff2vips: |error in tile|bad seek"
    # Lines of a fax (tif_fax3.h). A line of which only a part is damaged is shown.
    r"|Premature EOF at line|Premature EOL at line .*\(got 0, expected"
)


class _MissingData(logging.Handler):
    """Notices reports that some pixels are not in the file."""

    is_reported = False

    def emit(self, record: logging.LogRecord) -> None:
        self.is_reported = self.is_reported or _MISSING_DATA.search(record.getMessage()) is not None


def load(data: bytes, *, loader: str, scaling: Mapping[str, float] = _AT_FULL_SIZE) -> pyvips.Image:
    """Open an image. Its rows are read once, from the first to the last.

    `loader`: the name of libvips' operation without its ending, such as `jpegload`.
    `scaling`: the loader's option that scales, such as `shrink`. Default: the image has its full size.

    Raises pyvips.Error: what libvips cannot open.
    """
    options = {**_OPTIONS[loader], **scaling}
    # pyvips would copy a buffer. The image keeps the source, and so the bytes.
    source = pyvips.Source.new_from_memory(data)
    opened: pyvips.Image = pyvips.Operation.call(f"{loader}_source", source, access="sequential", **options)
    opened._references.append(source)
    return opened


def evaluate(image: pyvips.Image) -> pyvips.Image:
    """Compute an image, and keep its pixels in memory.

    Raises ImageRejected: `UNREADABLE_IMAGE` if libjpeg or libtiff reports that some pixels are not in the file. Raises
    pyvips.Error: anything else that is wrong with the file.
    """
    # libjpeg reports only its first warning about a file.
    missing_data = _MissingData()
    _REPORTS.addHandler(missing_data)
    pyvips.vips_lib.vips_error_clear()
    try:
        pixels: pyvips.Image = image.copy_memory()
        errors = pyvips.ffi.string(pyvips.vips_lib.vips_error_buffer()).decode(errors="replace")
    finally:
        pyvips.vips_lib.vips_error_clear()
        _REPORTS.removeHandler(missing_data)
    if missing_data.is_reported or _MISSING_DATA.search(errors):
        raise unreadable("image data is missing")
    return pixels


def from_pillow(image: Image.Image) -> pyvips.Image:
    """Copy a picture that Pillow has decoded, with its colour profile."""
    if image.has_transparency_data and image.mode not in ("RGBA", "LA"):
        image = image.convert("RGBA")
    if image.mode == "1":
        image = image.convert("L")
    if image.mode not in _FORMATS and image.mode not in _BANDS:
        image = image.convert("RGB")
    pixels = pyvips.Image.new_from_memory(
        image.tobytes(), image.width, image.height, _BANDS.get(image.mode, 1), _FORMATS.get(image.mode, "uchar")
    )
    grey = "grey16" if image.mode.startswith("I;16") else "b-w"
    copied: pyvips.Image = pixels.copy(interpretation=_INTERPRETATIONS.get(image.mode, grey))
    # The profile of a TIFF has whatever type its tag names: text, a number, a fraction.
    profile = image.info.get("icc_profile")
    if isinstance(profile, bytes) and profile:
        copied.set_type(pyvips.GValue.blob_type, _PROFILE, profile)
    return copied


def to_pillow(image: pyvips.Image) -> Image.Image:
    """Copy a picture of 8 bits with one to four bands, in mode L, LA, RGB or RGBA."""
    mode = ("L", "LA", "RGB", "RGBA")[image.bands - 1]
    return Image.frombuffer(mode, (image.width, image.height), image.write_to_memory(), "raw", mode, 0, 1)


def profile_of(image: pyvips.Image) -> bytes | None:
    """Return the colour profile that an image was stored with."""
    if image.get_typeof(_PROFILE) == 0:
        return None
    profile: bytes = image.get(_PROFILE)
    return profile
