"""libvips: it decodes JPEG, PNG and TIFF, converts colours, and scales. Only the loaders that are used can run.

libvips reads the rows of a file when a picture is computed, not when it is opened. An error in the file therefore
appears in `evaluate`.
"""

import logging
import os
import re

from PIL import Image

from imagekit.rejection import unreadable

# Functions have one processor or less. libvips reads this when it is loaded.
os.environ.setdefault("VIPS_CONCURRENCY", "1")

import pyvips

# A damaged file could fill the log with warnings. What they say of missing pixels is noticed here.
_WARNINGS = logging.getLogger("pyvips")
_WARNINGS.setLevel(logging.WARNING)
_WARNINGS.propagate = False
# A cached operation would keep pixels of one file in memory while the next one is processed.
pyvips.cache_set_max(0)
pyvips.operation_block_set("VipsForeignLoad", True)  # noqa: FBT003 - the names of the arguments are not fixed
for _allowed in ("VipsForeignLoadJpeg", "VipsForeignLoadPng", "VipsForeignLoadTiff"):
    pyvips.operation_block_set(_allowed, False)  # noqa: FBT003

_PROFILE = "icc-profile-data"
_FORMATS = {"1": "uchar", "L": "uchar", "I;16": "ushort", "I;16L": "ushort", "I": "int", "F": "float"}
_BANDS = {"RGB": 3, "RGBA": 4, "CMYK": 4, "LA": 2}
_INTERPRETATIONS = {"RGB": "srgb", "RGBA": "srgb", "CMYK": "cmyk"}

# What libjpeg reports if some pixels are not in the file (jerror.h). It decodes them as grey.
_MISSING_DATA = re.compile(
    rb"premature end of data segment|bad Huffman code|instead of RST|extraneous bytes before marker 0xd[0-7]"
    rb"|Corrupt JPEG data: bad arithmetic code"
)
# What libtiff warns of if a line of a fax is not in the file (tif_fax3.h). It shows it as white, or as the one above.
# A line of which only a part is damaged is shown.
_MISSING_LINE = re.compile(r"Premature EOF at line|Premature EOL at line .*\(got 0, expected")


class _MissingLines(logging.Handler):
    """Notices that lines of a fax are missing, since `seen` was last made false."""

    seen = False

    def emit(self, record: logging.LogRecord) -> None:
        self.seen = self.seen or _MISSING_LINE.search(record.getMessage()) is not None


_missing_lines = _MissingLines()
_WARNINGS.addHandler(_missing_lines)


def load(data: bytes, *, loader: str) -> pyvips.Image:
    """Open an image. Its rows are read once, from the first to the last.

    `loader`: the name of libvips' operation without its ending, such as `jpegload`.

    Raises pyvips.Error: what libvips cannot open.
    """
    opened: pyvips.Image = pyvips.Operation.call(f"{loader}_buffer", data, access="sequential", fail_on="error")
    return opened


def evaluate(image: pyvips.Image) -> pyvips.Image:
    """Compute an image, and keep its pixels in memory.

    Raises ImageRejected: `UNREADABLE_IMAGE` if libjpeg or libtiff reports that some pixels are not in the file. Raises
    pyvips.Error: anything else that is wrong with the file.
    """
    # The messages of one evaluation. libjpeg reports only its first warning about a file.
    pyvips.vips_lib.vips_error_clear()
    _missing_lines.seen = False
    pixels: pyvips.Image = image.copy_memory()
    messages = pyvips.ffi.string(pyvips.vips_lib.vips_error_buffer())
    pyvips.vips_lib.vips_error_clear()
    if _MISSING_DATA.search(messages):
        raise unreadable("a JPEG without all of its data")
    if _missing_lines.seen:
        raise unreadable("a fax without all of its lines")
    return pixels


def from_pillow(image: Image.Image) -> pyvips.Image:
    """Copy a picture that Pillow has decoded, with its colour profile."""
    if image.has_transparency_data and image.mode not in ("RGBA", "LA"):
        image = image.convert("RGBA")
    if image.mode not in _FORMATS and image.mode not in _BANDS:
        image = image.convert("RGB")
    if image.mode == "1":
        image = image.convert("L")
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
