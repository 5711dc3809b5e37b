"""Converts raw data of a Raspberry Pi to DNG.

Its camera software of before 2022 (``raspistill --raw``) appends the sensor data to the JPEG: a block that begins
with ``BRCM`` and a header, which LibRaw (``parse_raspberrypi``) and picamera (``BroadcomRawHeader``) have; 32,768 bytes
from its start are the rows, packed as MIPI CSI-2 has it. The camera's white balance and colour matrix are
text in the JPEG's maker note.
"""

import re
import struct
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from io import BytesIO
from numbers import Real
from pathlib import Path
from typing import Any

import numpy as np
import tifffile
from numpy.typing import NDArray
from PIL import ExifTags, Image

from safelight_local.errors import UserError

MAX_BYTES = 104_857_600
"""The largest file that is converted: 100 MB. The camera with the most pixels makes 24 MB."""

_MARK = b"BRCM"
_HEADER_OFFSET = 176
# Name, width, height, padding right and down, 24 bytes that are not known, transform, format, Bayer order and format.
_HEADER = struct.Struct("<32s4H24s2H2B")
_ROWS_OFFSET = 32_768
_ROW_ALIGNMENT = 32
_BAYER = 33
# By the header's Bayer format: the number of samples in a number of bytes.
_PACKING = {3: (4, 5), 4: (2, 3)}
# By the header's Bayer order, in DNG's numbers: red 0, green 1, blue 2, row by row.
_PATTERNS = {0: (0, 1, 1, 2), 1: (1, 2, 0, 1), 2: (2, 1, 1, 0), 3: (1, 0, 2, 1)}

# From CIE XYZ to linear sRGB (IEC 61966-2-1).
_XYZ_TO_SRGB = np.array([[3.2406, -1.5372, -0.4986], [-0.9689, 1.8758, 0.0415], [0.0557, -0.2040, 1.0570]])
_DENOMINATOR = 10_000
_GAIN = re.compile(r"\bgain_([rb])=(\d{1,4}(?:\.\d{1,6})?)\b")
_COLOR_MATRIX = re.compile(r"\bccm=((?:-?\d{1,6},){8}-?\d{1,6})\b")
_GAINS = (0.1, 16.0)
# Brighter samples may be saturated, so their colour is not reliable.
_TRUSTED = 0.95

_BYTE, _ASCII, _SHORT, _RATIONAL, _SRATIONAL = 1, 2, 3, 5, 10
_D65 = 21


class WhiteBalance(StrEnum):
    """Where the white of a DNG comes from."""

    MAKER_NOTE = "the camera's maker note"
    GREY_WORLD = "the average of the picture (grey world)"


@dataclass(frozen=True, kw_only=True)
class _Camera:
    name: str
    size: tuple[int, int]
    black: float  # as a part of the range: of libcamera's tuning files
    xyz_to_camera: tuple[int, ...]  # under D65, in ten-thousandths: LibRaw's table


_CAMERAS = {
    "ov5647": _Camera(
        name="Raspberry Pi Camera Module 1 (OV5647)",
        size=(2592, 1944),
        black=1 / 64,
        xyz_to_camera=(12782, -4059, -379, -478, 9066, 1413, 1340, 1513, 5176),
    ),
    "imx219": _Camera(
        name="Raspberry Pi Camera Module 2 (IMX219)",
        size=(3280, 2464),
        black=1 / 16,
        xyz_to_camera=(5302, 1083, -728, -5320, 14112, 1699, -863, 2371, 5136),
    ),
    "imx477": _Camera(
        name="Raspberry Pi High Quality Camera (IMX477)",
        size=(4056, 3040),
        black=1 / 16,
        xyz_to_camera=(5603, -1351, -600, -2872, 11180, 2132, 600, 453, 5821),
    ),
}
# What the High Quality Camera called itself at first.
_MODELS = {"testc": "imx477"}


@dataclass(frozen=True, kw_only=True, eq=False)
class Converted:
    """A DNG, and what it was made from.

    `width`, `height`: pixels of the sensor, as stored.
    """

    dng: bytes
    width: int
    height: int
    camera: str
    white_balance: WhiteBalance


def convert(data: bytes) -> Converted:
    """Turn a Raspberry Pi's JPEG with raw data into a DNG.

    White balance and colour matrix come from the maker note. If it has no white balance, the picture's average colour
    is assumed to be grey: without any white balance, the picture would be green. If it has no matrix, LibRaw's matrix
    for the camera is used.

    Raises UserError if the raw data is missing, truncated or from an unknown camera.
    """
    samples, bits, pattern = _read_raw(data)
    exif, photograph = _read_exif(data)
    height, width = samples.shape
    camera = _camera(str(exif.get(ExifTags.Base.Model, "")), size=(width, height))
    note = _maker_note(photograph)
    white = (1 << bits) - 1
    black = round(camera.black * (1 << bits))
    neutral = _neutral_of(note)
    source = WhiteBalance.MAKER_NOTE
    if neutral is None:
        source = WhiteBalance.GREY_WORLD
        neutral = _grey_world(samples, pattern=pattern, black=black, white=white)
    extra_tags = [
        (33421, _SHORT, 2, (2, 2), True),  # CFARepeatPatternDim
        (33422, _BYTE, 4, pattern, True),  # CFAPattern
        (50706, _BYTE, 4, (1, 4, 0, 0), True),  # DNGVersion
        (50707, _BYTE, 4, (1, 1, 0, 0), True),  # DNGBackwardVersion
        (50708, _ASCII, None, camera.name, True),  # UniqueCameraModel
        (50714, _SHORT, 1, black, True),  # BlackLevel
        (50717, _SHORT, 1, white, True),  # WhiteLevel
        (50721, _SRATIONAL, 9, _rational(_color_matrix(note, neutral=neutral, camera=camera)), True),  # ColorMatrix1
        (50728, _RATIONAL, 3, _rational(neutral), True),  # AsShotNeutral
        (50778, _SHORT, 1, _D65, True),  # CalibrationIlluminant1
        (271, _ASCII, None, "RaspberryPi", True),  # Make
        (272, _ASCII, None, camera.name, True),  # Model
        (274, _SHORT, 1, _orientation(exif), True),
        *_facts(exif, photograph=photograph),
    ]
    file = BytesIO()
    tifffile.imwrite(
        file, samples, byteorder="<", photometric="cfa", metadata=None, software="Safelight", extratags=extra_tags
    )
    return Converted(dng=file.getvalue(), width=width, height=height, camera=camera.name, white_balance=source)


def convert_file(file: Path, *, output: Path | None = None) -> tuple[Path, Converted]:
    """Write the DNG of a Raspberry Pi's JPEG with raw data.

    `output`: the DNG. Default: beside the JPEG, with the same name and the extension ``.dng``.

    Raises UserError if the file cannot be read or converted, is over 100 MB, or there is a file already where the DNG
    belongs.
    """
    output = file.with_suffix(".dng") if output is None else output
    try:
        if file.stat().st_size > MAX_BYTES:
            raise UserError(f"{file} is over {MAX_BYTES // 1024 // 1024} MB, more than any raw file of a Raspberry Pi")
        data = file.read_bytes()
    except OSError as error:
        raise UserError(f"{file} cannot be read ({error.strerror})") from error
    try:
        converted = convert(data)
    except UserError as error:
        raise UserError(f"{file}: {error}") from error
    try:
        with output.open("xb") as written:
            written.write(converted.dng)
    except FileExistsError as error:
        raise UserError(f"{output} exists already: choose another name with -o") from error
    except OSError as error:
        raise UserError(f"{output} cannot be written ({error.strerror})") from error
    return output, converted


def _read_raw(data: bytes) -> tuple[NDArray[np.uint16], int, tuple[int, ...]]:
    if not data.startswith(b"\xff\xd8\xff"):
        raise UserError("not a JPEG")
    truncated = False
    # The mark may also occur in the JPEG or the rows by chance: what follows it decides.
    for found in re.finditer(_MARK, data):
        start = found.start()
        if len(data) < start + _HEADER_OFFSET + _HEADER.size:
            break
        header = _HEADER.unpack_from(data, start + _HEADER_OFFSET)
        _, width, height, padding, _, _, _, kind, order, packing = header
        if kind != _BAYER or order not in _PATTERNS or packing not in _PACKING or not (width and height):
            continue
        samples, size = _PACKING[packing]
        stride = -(-(width + padding) * size // samples // _ROW_ALIGNMENT) * _ROW_ALIGNMENT
        if len(data) < start + _ROWS_OFFSET + stride * height:
            truncated = True
            continue
        rows = np.frombuffer(data, np.uint8, count=stride * height, offset=start + _ROWS_OFFSET)
        unpacked = _unpack(rows.reshape(height, stride), width=width, samples=samples)
        return unpacked, 8 * size // samples, _PATTERNS[order]
    if truncated:
        raise UserError("the raw data after the JPEG is truncated")
    raise UserError("the JPEG has no Raspberry Pi raw data appended (raspistill --raw appends it)")


def _unpack(rows: NDArray[np.uint8], *, width: int, samples: int) -> NDArray[np.uint16]:
    """Unpack rows in which the high eight bits of each sample come first and one byte then has the low bits of all."""
    groups = -(-width // samples)
    packed = rows[:, : groups * (samples + 1)].reshape(len(rows), groups, samples + 1)
    bits = 8 // samples
    low = packed[:, :, samples, None] >> (bits * np.arange(samples, dtype=np.uint8)) & ((1 << bits) - 1)
    unpacked = packed[:, :, :samples].astype(np.uint16) << bits | low
    return np.ascontiguousarray(unpacked.reshape(len(rows), groups * samples)[:, :width])


def _read_exif(data: bytes) -> tuple[Mapping[int, Any], Mapping[int, Any]]:
    try:
        # Pillow also warns about errors that it tolerates.
        with warnings.catch_warnings(action="ignore"), Image.open(BytesIO(data), formats=["JPEG"]) as image:
            exif = image.getexif()
            return exif, exif.get_ifd(ExifTags.IFD.Exif)
    except Exception:  # Pillow raises undocumented exceptions, and the raw data may still be complete.
        return {}, {}


def _camera(model: str, *, size: tuple[int, int]) -> _Camera:
    name = model.strip("\0 ").removeprefix("RP_").lower()
    known = _CAMERAS.get(_MODELS.get(name, name))
    if known is None and not name:
        known = next((camera for camera in _CAMERAS.values() if camera.size == size), None)
    if known is None:
        raise UserError(f"unknown camera ({name or 'no name'}). Supported: {', '.join(_CAMERAS)}")
    return known


def _maker_note(photograph: Mapping[int, Any]) -> str:
    note = photograph.get(ExifTags.Base.MakerNote, b"")
    return note.decode("ascii", errors="replace") if isinstance(note, bytes) else ""


def _neutral_of(note: str) -> NDArray[np.float64] | None:
    gains = {channel: float(gain) for channel, gain in _GAIN.findall(note)}
    least, most = _GAINS
    if not all(least <= gains.get(channel, 0) <= most for channel in "rb"):
        return None
    return np.array([1 / gains["r"], 1.0, 1 / gains["b"]])


def _grey_world(
    samples: NDArray[np.uint16], *, pattern: tuple[int, ...], black: int, white: int
) -> NDArray[np.float64]:
    height, width = (side // 2 * 2 for side in samples.shape)
    cells = [samples[at // 2 : height : 2, at % 2 : width : 2] for at in range(4)]
    trusted = np.logical_and.reduce([cell < _TRUSTED * white for cell in cells])
    light = np.zeros(3)
    for cell, color in zip(cells, pattern, strict=True):
        light[color] += cell.mean(where=trusted, dtype=np.float64) - black if trusted.any() else 1.0
    light[1] /= 2
    least, most = _GAINS
    balance: NDArray[np.float64] = np.clip(light / light[1], 1 / most, 1 / least) if light.min() > 0 else np.ones(3)
    return balance


def _color_matrix(note: str, *, neutral: NDArray[np.float64], camera: _Camera) -> NDArray[np.float64]:
    found = _COLOR_MATRIX.search(note)
    if found is not None:
        # From the sensor's colours, balanced, to linear sRGB. Its rows add up to 4096, but for rounding.
        to_srgb = np.array([int(one) for one in found[1].split(",")], dtype=np.float64).reshape(3, 3)
        sums = to_srgb.sum(axis=1, keepdims=True)
        if (sums > 0).all() and np.linalg.cond(to_srgb / sums) < 100:
            matrix: NDArray[np.float64] = np.diag(neutral) @ np.linalg.inv(to_srgb / sums) @ _XYZ_TO_SRGB
            return matrix
    return np.array(camera.xyz_to_camera, dtype=np.float64).reshape(3, 3) / _DENOMINATOR


def _rational(values: NDArray[np.float64]) -> tuple[int, ...]:
    return tuple(part for value in values.ravel() for part in (round(float(value) * _DENOMINATOR), _DENOMINATOR))


def _orientation(exif: Mapping[int, Any]) -> int:
    orientation = exif.get(ExifTags.Base.Orientation, 1)
    return orientation if isinstance(orientation, int) and 1 <= orientation <= 8 else 1


def _facts(exif: Mapping[int, Any], *, photograph: Mapping[int, Any]) -> list[tuple[int, int, int | None, Any, bool]]:
    """Carry over when and how the photograph was taken, in the tags of TIFF/EP (ISO 12234-2)."""
    facts: list[tuple[int, int, int | None, Any, bool]] = []
    for tag in (ExifTags.Base.ExposureTime, ExifTags.Base.FNumber):
        value = photograph.get(tag)
        if isinstance(value, Real) and 0 < float(value) < 10_000:
            facts.append((tag, _RATIONAL, 1, (round(float(value) * 100_000), 100_000), True))
    sensitivity = photograph.get(ExifTags.Base.ISOSpeedRatings)
    if isinstance(sensitivity, int) and 0 < sensitivity < 1 << 16:
        facts.append((ExifTags.Base.ISOSpeedRatings, _SHORT, 1, sensitivity, True))
    taken = photograph.get(ExifTags.Base.DateTimeOriginal, exif.get(ExifTags.Base.DateTime))
    if isinstance(taken, str) and re.fullmatch(r"\d{4}(:\d\d){2} \d\d(:\d\d){2}", taken.strip("\0 ")):
        facts.append((ExifTags.Base.DateTimeOriginal, _ASCII, None, taken.strip("\0 "), True))
    return facts
