"""A Raspberry Pi's JPEG with raw data, made from a known scene in the documented layout, without a file from a camera.

The layout is that of picamera's `BroadcomRawHeader` and LibRaw's `parse_raspberrypi`; the maker notes are as cameras
wrote them. The tests hold it against LibRaw, which reads such a block by itself.
"""

import struct
from dataclasses import dataclass
from io import BytesIO

import numpy as np
from numpy.typing import NDArray
from PIL import ExifTags, Image

# Of a Camera Module 2 in daylight. The gains are those of red and blue; the matrix goes from the sensor's colours,
# balanced, to linear sRGB, in parts of 4096.
MAKER_NOTE = (
    b"ev=-1 mlux=-1 exp=10785 ag=256 focus=255 gain_r=1.347 gain_b=2.316 greenness=0 "
    b"ccm=6096,-1964,-30,-1274,5632,-258,264,-3794,7632,0,0,0 md=0 tg=272 272 oth=0 0 b=0 f=272 272 fi=0 "
    b"ISP Build Date: Aug 15 2019, 12:08:19 VC_BUILD_ID_BRANCH: master "
)
NEUTRAL = np.array([1 / 1.347, 1.0, 1 / 2.316])
_TO_SRGB = np.array([[6096, -1964, -30], [-1274, 5632, -258], [264, -3794, 7632]], dtype=np.float64)
TO_SRGB = _TO_SRGB / _TO_SRGB.sum(axis=1, keepdims=True)

# Of no strong colour, so that a sensor with that matrix sees no less than nothing of any.
SCENE = ((190, 90, 80), (90, 140, 95), (80, 105, 160), (200, 200, 200), (120, 120, 120), (205, 180, 110))
WIDTH, HEIGHT = 216, 128
PATTERNS = ((0, 1, 1, 2), (1, 2, 0, 1), (2, 1, 1, 0), (1, 0, 2, 1))  # by the header's Bayer order
BGGR = 2
RAW10, RAW12 = 3, 4


def seen_by_sensor(*, bits: int = 10, order: int = BGGR, black: float = 1 / 16) -> NDArray[np.uint16]:
    """The sensor data of six patches in the colours of `SCENE`: one of red, green and blue a pixel."""
    code = np.array(SCENE).reshape(2, 3, 3).repeat(HEIGHT // 2, axis=0).repeat(WIDTH // 3, axis=1) / 255
    linear = np.where(code <= 0.04045, code / 12.92, ((code + 0.055) / 1.055) ** 2.4)
    light = (linear @ np.linalg.inv(TO_SRGB).T) * NEUTRAL
    assert light.min() >= 0
    samples = np.empty((HEIGHT, WIDTH))
    for at, color in enumerate(PATTERNS[order]):
        samples[at // 2 :: 2, at % 2 :: 2] = light[at // 2 :: 2, at % 2 :: 2, color]
    white, dark = (1 << bits) - 1, round(black * (1 << bits))
    return np.round(dark + samples * (white - dark)).astype(np.uint16)


def packed(samples: NDArray[np.uint16], *, bits: int) -> bytes:
    """Pack rows as MIPI CSI-2 (RAW10, RAW12) has it, one pixel after the other, and fill them up to 32 bytes."""
    count, low_bits = {10: (4, 2), 12: (2, 4)}[bits]
    rows = []
    for row in samples.tolist():
        line = bytearray()
        for at in range(0, len(row), count):
            group = row[at : at + count]
            line += bytes(value >> low_bits for value in group)
            line.append(sum((value & ((1 << low_bits) - 1)) << (low_bits * n) for n, value in enumerate(group)))
        rows.append(bytes(line) + bytes(-len(line) % 32))
    return b"".join(rows)


def raw_block(*, bits: int = 10, order: int = BGGR, rows: bytes | None = None) -> bytes:
    header = struct.pack(
        "<32s4H24s2H2B", b"known scene", WIDTH, HEIGHT, 0, 0, b"", 0, 33, order, {10: RAW10, 12: RAW12}[bits]
    )
    body = packed(seen_by_sensor(bits=bits, order=order), bits=bits) if rows is None else rows
    return (b"BRCMo".ljust(176, b"\0") + header).ljust(32_768, b"\0") + body


@dataclass(frozen=True, kw_only=True)
class CameraBlock:
    """A camera's block at full size: picamera's table of lengths, and that of the High Quality Camera."""

    model: str
    width: int
    height: int
    padding_right: int
    padding_down: int
    length: int
    packing: int

    def of_noise(self) -> bytes:
        header = struct.pack(
            *("<32s4H24s2H2B", b"noise", self.width, self.height, self.padding_right, self.padding_down),
            *(b"", 0, 33, BGGR, self.packing),
        )
        rows = np.random.default_rng(0).integers(0, 256, self.length - 32_768, dtype=np.uint8).tobytes()
        return (b"BRCMo".ljust(176, b"\0") + header).ljust(32_768, b"\0") + rows


CAMERA_BLOCKS = (
    CameraBlock(
        model="RP_ov5647", width=2592, height=1944, padding_right=0, padding_down=8, length=6_404_096, packing=RAW10
    ),
    CameraBlock(
        model="RP_imx219", width=3280, height=2464, padding_right=16, padding_down=16, length=10_270_208, packing=RAW10
    ),
    CameraBlock(
        model="RP_imx477", width=4056, height=3040, padding_right=0, padding_down=16, length=18_711_040, packing=RAW12
    ),
)


def jpeg(*, note: bytes = MAKER_NOTE, model: str | None = "RP_imx219", orientation: int = 1) -> bytes:
    exif = Image.Exif()
    exif[ExifTags.Base.Make] = "RaspberryPi"
    exif[ExifTags.Base.Orientation] = orientation
    if model is not None:
        exif[ExifTags.Base.Model] = model
    photograph = exif.get_ifd(ExifTags.IFD.Exif)
    photograph[ExifTags.Base.MakerNote] = note
    photograph[ExifTags.Base.ExposureTime] = 0.01
    photograph[ExifTags.Base.ISOSpeedRatings] = 100
    photograph[ExifTags.Base.DateTimeOriginal] = "2020:10:01 14:55:00"
    file = BytesIO()
    Image.new("RGB", (WIDTH, HEIGHT), "gray").save(file, "JPEG", exif=exif)
    return file.getvalue()
