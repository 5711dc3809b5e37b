"""Camera raw files that tests make: a DNG that LibRaw develops, and the bare headers of other makers' files."""

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from itertools import accumulate
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image
from tests.unit.lossless_jpeg import encoded

BYTE, ASCII, SHORT, LONG, RATIONAL, SRATIONAL = 1, 2, 3, 4, 5, 10
_FORMATS = {BYTE: "B", ASCII: "B", SHORT: "H", LONG: "I"}
_DENOMINATOR = 10_000
# From CIE XYZ to linear sRGB (IEC 61966-2-1): the camera of these files sees in sRGB's primaries.
_XYZ_TO_SRGB = (3.2406, -1.5372, -0.4986, -0.9689, 1.8758, 0.0415, 0.0557, -0.2040, 1.0570)


@dataclass(frozen=True, kw_only=True)
class Tag:
    """A tag of a TIFF directory."""

    number: int
    kind: int
    values: Sequence[float]

    def encoded(self) -> bytes:
        if self.kind in _FORMATS:
            return struct.pack(f"<{len(self.values)}{_FORMATS[self.kind]}", *(int(value) for value in self.values))
        sign = "i" if self.kind == SRATIONAL else "I"
        return b"".join(struct.pack(f"<{sign}{sign}", round(v * _DENOMINATOR), _DENOMINATOR) for v in self.values)


def tag(number: int, kind: int, *values: float) -> Tag:
    return Tag(number=number, kind=kind, values=values)


def text(number: int, value: str) -> Tag:
    return tag(number, ASCII, *value.encode(), 0)


def directory(*tags: Tag, at: int) -> bytes:
    """Encode a directory that begins at an offset, its longer values behind it."""
    ordered = sorted(tags, key=lambda one: one.number)
    longer = at + 2 + 12 * len(ordered) + 4
    entries, values = b"", b""
    for one in ordered:
        content = one.encoded()
        if len(content) > 4:
            where = struct.pack("<I", longer + len(values))
            values += content + bytes(len(content) % 2)
        else:
            where = content.ljust(4, b"\0")
        entries += struct.pack("<HHI", one.number, one.kind, len(one.values)) + where
    return struct.pack("<H", len(ordered)) + entries + bytes(4) + values


def tiff(*tags: Tag, start: bytes = b"II*\0", mark: bytes = b"") -> bytes:
    """Make a file of one directory, such as EXIF data is, or a maker's raw file of which the header alone is there."""
    at = 8 + len(mark)
    return start + struct.pack("<I", at) + mark + directory(*tags, at=at)


def dng(picture: Image.Image, *, orientation: int = 1, preview: bytes | None = None) -> bytes:
    """Make a DNG of a picture as stored: every pixel sees one of red, green and blue.

    A preview, which is a JPEG, comes first in the file, as cameras have it.
    """
    sensor = _seen_by_sensor(picture).tobytes()
    main = 8
    common = _camera_tags(orientation)
    if preview is None:
        length = len(directory(*common, *_sensor_tags(picture, strip=0), at=main))
        return (
            b"II*\0"
            + struct.pack("<I", main)
            + directory(*common, *_sensor_tags(picture, strip=main + length), at=main)
            + sensor
        )

    def first(sub_directory: int, strip: int) -> bytes:
        with Image.open(BytesIO(preview)) as image:
            width, height = image.size
        return directory(
            *common,
            *(tag(254, LONG, 1), tag(256, LONG, width), tag(257, LONG, height), tag(258, SHORT, 8, 8, 8)),
            *(tag(259, SHORT, 7), tag(262, SHORT, 6), tag(273, LONG, strip), tag(277, SHORT, 3)),
            *(tag(278, LONG, height), tag(279, LONG, len(preview)), tag(330, LONG, sub_directory)),
            at=main,
        )

    sub = main + len(first(0, 0))
    strip = sub + len(directory(*_sensor_tags(picture, strip=0), at=sub))
    raw = directory(*_sensor_tags(picture, strip=strip + len(preview)), at=sub)
    return b"II*\0" + struct.pack("<I", main) + first(sub, strip) + raw + preview + sensor


@dataclass(frozen=True, kw_only=True)
class TiledDng:
    """A DNG of tiles, and where in it each begins."""

    data: bytes
    tiles: Sequence[int]


def tiled_dng(picture: Image.Image, *, side: int = 64) -> TiledDng:
    """Make a DNG of a picture in tiles of lossless JPEG, one behind the other, as cameras and Adobe's converter do."""
    tiles = [encoded(tile) for tile in _tiles_of(_seen_by_sensor(picture), side=side)]
    return tiled(tiles, *_mosaic_tags(picture, compression=7), side=side)


def float_tiles(picture: Image.Image, *, side: int = 64) -> tuple[Sequence[Tag], Sequence[bytes]]:
    """Give tags of a DNG whose pixels are floats, deflated in tiles; and what is in each tile before that."""
    tags = [
        *(one for one in _mosaic_tags(picture, compression=8) if one.number != 258),
        *(tag(258, SHORT, 32), tag(317, SHORT, 3), tag(339, SHORT, 3)),
    ]
    return tags, [_predicted(tile.astype(">f4")) for tile in _tiles_of(_seen_by_sensor(picture), side=side)]


def _predicted(tile: npt.NDArray[Any]) -> bytes:
    # Adobe Photoshop's TIFF Technical Note 3: of each row all first bytes, then all second ones, as differences.
    height, width = tile.shape
    planes = tile.view(np.uint8).reshape(height, width, 4).transpose(0, 2, 1).reshape(height, 4 * width)
    return np.diff(planes, axis=1, prepend=np.uint8(0)).astype(np.uint8).tobytes()


def lossy_tiles(picture: Image.Image, *, side: int = 64) -> tuple[Sequence[Tag], Sequence[bytes]]:
    """Give tags of a DNG of tiles that are JPEGs of all three colours; and those tiles."""
    of_colors = (258, 262, 277, 33421, 33422, 50714, 50717)
    tags = [
        *(one for one in _mosaic_tags(picture, compression=34892) if one.number not in of_colors),
        *(tag(258, SHORT, 8, 8, 8), tag(262, SHORT, 34892), tag(277, SHORT, 3), tag(50717, LONG, 255, 255, 255)),
    ]
    tiles = []
    for tile in _tiles_of(np.asarray(picture), side=side):
        file = BytesIO()
        Image.fromarray(tile).save(file, "JPEG", quality=90)
        tiles.append(file.getvalue())
    return tags, tiles


def _tiles_of(pixels: npt.NDArray[Any], *, side: int) -> list[npt.NDArray[Any]]:
    height, width = pixels.shape[:2]
    across, down = -(-width // side), -(-height // side)
    margins = [(0, down * side - height), (0, across * side - width), (0, 0)]
    padded = np.pad(pixels, margins[: pixels.ndim], mode="edge")
    return [
        padded[side * row : side * (row + 1), side * column : side * (column + 1)]
        for row in range(down)
        for column in range(across)
    ]


def tiled(tiles: Sequence[bytes], *tags: Tag, side: int) -> TiledDng:
    """Make a DNG of tiles as they stand in the file, one behind the other."""

    def first(*offsets: int) -> bytes:
        return directory(
            *_camera_tags(orientation=1),
            *tags,
            *(tag(322, LONG, side), tag(323, LONG, side), tag(324, LONG, *offsets)),
            tag(325, LONG, *map(len, tiles)),
            at=8,
        )

    start = 8 + len(first(*(0 for _ in tiles)))
    offsets = list(accumulate(map(len, tiles[:-1]), initial=start))
    return TiledDng(data=b"II*\0" + struct.pack("<I", 8) + first(*offsets) + b"".join(tiles), tiles=offsets)


def _camera_tags(orientation: int) -> list[Tag]:
    return [
        tag(274, SHORT, orientation),
        text(271, "Safelight"),
        text(272, "Test"),
        tag(50706, BYTE, 1, 4, 0, 0),
        tag(50707, BYTE, 1, 1, 0, 0),
        text(50708, "Safelight Test"),
        tag(50721, SRATIONAL, *_XYZ_TO_SRGB),
        tag(50728, RATIONAL, 1, 1, 1),
        tag(50778, SHORT, 21),
    ]


def _sensor_tags(picture: Image.Image, *, strip: int) -> list[Tag]:
    width, height = picture.size
    return [
        *_mosaic_tags(picture, compression=1),
        *(tag(273, LONG, strip), tag(278, LONG, height), tag(279, LONG, 2 * width * height)),
    ]


def _mosaic_tags(picture: Image.Image, *, compression: int) -> list[Tag]:
    return [
        *(tag(254, LONG, 0), tag(256, LONG, picture.width), tag(257, LONG, picture.height), tag(258, SHORT, 16)),
        *(tag(259, SHORT, compression), tag(262, SHORT, 32803), tag(277, SHORT, 1), tag(284, SHORT, 1)),
        *(tag(33421, SHORT, 2, 2), tag(33422, BYTE, 0, 1, 1, 2)),
        *(tag(50714, LONG, 0), tag(50717, LONG, 65535)),
    ]


def _seen_by_sensor(picture: Image.Image) -> npt.NDArray[np.uint16]:
    linear = (np.asarray(picture.convert("RGB"), dtype=np.float64) / 255) ** 2.2
    seen = linear[:, :, 1].copy()
    seen[0::2, 0::2] = linear[0::2, 0::2, 0]
    seen[1::2, 1::2] = linear[1::2, 1::2, 2]
    return (seen * 65535).astype("<u2")
