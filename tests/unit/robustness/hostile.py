"""Hostile files: wrong sizes, decompression bombs and endless structures."""

import struct
import zlib
from io import BytesIO
from pathlib import Path

import numpy as np
import tifffile
from PIL import Image
from tests.unit.pictures import encoded, four_corners, heic
from tests.unit.raw_pictures import LONG, SHORT, Tag, directory, tag

_HUGE = 65_535
ICC_TAG = 34675


def chunk(kind: bytes, content: bytes) -> bytes:
    """Make a PNG's chunk, its checksum right."""
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def png(width: int, height: int, *chunks: bytes, depth: int = 8, color: int = 0, rows: int | None = None) -> bytes:
    """Make a PNG of zeros, its rows deflated, whatever its size; fewer rows than its height where they are given."""
    row_bytes = 1 + (width * depth * {0: 1, 2: 3, 6: 4}[color] + 7) // 8
    compressor = zlib.compressobj(9)
    row = bytes(row_bytes)
    data = b"".join(compressor.compress(row) for _ in range(height if rows is None else rows)) + compressor.flush()
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, color, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + b"".join(chunks) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def lying_png(width: int, height: int) -> bytes:
    """Make a PNG that says a size and has one row."""
    return png(width, height, rows=1)


def resized_header(data: bytes, *, size: tuple[int, int], lie: tuple[int, int], order: str) -> bytes:
    """Put another size wherever a file names its own, as two numbers of the `struct` format side by side."""
    honest, false = struct.pack(order, *size), struct.pack(order, *lie)
    assert honest in data
    return data.replace(honest, false)


def tiff_of(*tags: Tag, data: bytes, data_tag: int = 273) -> bytes:
    """Make a TIFF of these tags and one strip, or tile, that a tag names."""
    length = len(directory(*tags, tag(data_tag, LONG, 0), at=8))
    return b"II*\0" + struct.pack("<I", 8) + directory(*tags, tag(data_tag, LONG, 8 + length), at=8) + data


def tiff_with_a_tile(*, image_side: int, tile_side: int, kind: int = LONG) -> bytes:
    """Make a TIFF of one tile of deflated zeros, of its own size; `kind` is that of the tags that hold its sides."""
    compressor = zlib.compressobj(1)
    row = bytes(tile_side)
    data = b"".join(compressor.compress(row) for _ in range(tile_side)) + compressor.flush()
    tags = [
        *(tag(256, LONG, image_side), tag(257, LONG, image_side), tag(258, SHORT, 8), tag(259, SHORT, 8)),
        *(tag(262, SHORT, 1), tag(277, SHORT, 1), tag(322, LONG, tile_side), tag(323, LONG, tile_side)),
        tag(325, LONG, len(data)),
    ]
    made = tiff_of(*tags, data=data, data_tag=324)
    for number in (322, 323):
        made = made.replace(struct.pack("<HH", number, LONG), struct.pack("<HH", number, kind))
    return made


def tiff_whose_tags_are_the_file() -> bytes:
    """Make a TIFF of 65,000 tags each of which holds the whole file."""
    count = 65_000
    size = 10 + 12 * count
    numbers = (number for number in range(1000, 66_000))
    entries = b"".join(struct.pack("<HHII", number, 1, size, 0) for number in numbers if number < 65_536)
    main = directory(tag(256, LONG, 90), tag(257, LONG, 90), at=8)[2:26]
    return b"II*\0" + struct.pack("<IH", 8, 2 + len(entries) // 12) + main + entries + bytes(4)


def tiff_directory_in_a_circle() -> bytes:
    """Make a TIFF whose directory says that it is the next one, and its own child."""
    data = bytearray(encoded(four_corners(90, 90), "TIFF"))
    (start,) = struct.unpack_from("<I", data, 4)
    (count,) = struct.unpack_from("<H", data, start)
    struct.pack_into("<I", data, start + 2 + 12 * count, start)
    return bytes(data)


def exif_in_a_circle() -> bytes:
    """Make EXIF data whose directories for EXIF, position and more are the first one itself."""
    tags = [tag(number, LONG, 8) for number in (330, 34665, 34853, 40965)]
    return b"Exif\0\0II*\0" + struct.pack("<I", 8) + directory(*tags, at=8)[:-4] + struct.pack("<I", 8)


def tiff_with_a_profile_of_kind(kind: int) -> bytes:
    """Make a TIFF whose colour profile is of another kind than bytes: text, numbers or fractions."""
    data = encoded(four_corners(90, 90), "TIFF", icc_profile=b"profile " * 4)
    return data.replace(struct.pack("<HH", ICC_TAG, 7), struct.pack("<HH", ICC_TAG, kind))


def icc_in_a_circle() -> bytes:
    """Make a colour profile all of whose tags are one that lies over the table of tags itself."""
    count = 100
    table = struct.pack(">I", count) + b"".join(
        struct.pack(">4sII", name, 128, 4 + 12 * count)
        for name in (b"A2B0", b"rTRC", b"gTRC", b"bTRC", b"rXYZ", b"gXYZ", b"bXYZ", b"wtpt", b"desc", b"cprt") * 10
    )
    head = struct.pack(">I4sI4s4s4s", 128 + len(table), b"lcms", 0x04300000, b"mntr", b"RGB ", b"XYZ ")
    return head + bytes(12) + b"acsp" + bytes(128 - len(head) - 16) + table


def avif_coded_larger_than_it_says() -> bytes:
    """Read an AVIF that says 16 pixels a side and codes 12,000, which took long to write."""
    return (Path(__file__).parent / "says_16_codes_12000.avif").read_bytes()


def heic_that_says(width: int, height: int) -> bytes:
    """Make a HEIC that says another size than what it codes."""
    data = heic("orientation_1")
    at = data.index(b"ispe") + 8
    return data[:at] + struct.pack(">II", width, height) + data[at + 8 :]


def gif_of_many_frames(count: int) -> bytes:
    """Make a GIF of one screen of 1,400 pixels a side that is filled anew so many times, at 40 bytes a time."""
    first = encoded(Image.new("P", (1400, 1400)), "GIF")
    frame = first[first.index(b",") : -1]
    return first[:-1] + frame * count + b";"


def webp_bomb(side: int) -> bytes:
    """Make a WebP of one colour without loss: a few bytes however large."""
    return encoded(Image.new("RGB", (side, side)), "WEBP", lossless=True, method=0, quality=0)


def tiff_bomb(side: int) -> bytes:
    """Make a TIFF of one deflated strip of zeros, four samples of 16 bits a pixel."""
    file = BytesIO()
    zeros = np.broadcast_to(np.zeros(1, dtype=np.uint16), (side, side, 4))
    tifffile.imwrite(
        file,
        zeros,
        compression="zlib",
        photometric="rgb",
        extrasamples=["unassalpha"],
        rowsperstrip=side,
        bigtiff=False,
    )
    return file.getvalue()


def png_text_bomb() -> bytes:
    """Make a PNG of which each of 40 texts and its profile inflate to 64 MB."""
    packed = zlib.compress(bytes(64_000_000), 9)
    texts = [chunk(b"zTXt", b"words\0\0" + packed) for _ in range(40)]
    return png(90, 90, chunk(b"iCCP", b"profile\0\0" + packed), *texts)


def jpeg_with(segment: bytes, *, marker: int) -> bytes:
    """Put a segment of metadata behind a JPEG's first two bytes."""
    data = encoded(four_corners(90, 90), "JPEG")
    return data[:2] + struct.pack(">BBH", 0xFF, marker, 2 + len(segment)) + segment + data[2:]


def jpeg_of_more_scans(count: int, *, side: int = 1400) -> bytes:
    """Make a progressive JPEG of which the last scan comes so many times more: each is decoded over all pixels."""
    data = encoded(Image.new("RGB", (side, side), "teal"), "JPEG", progressive=True)
    last = data.rindex(b"\xff\xda")
    return data[:-2] + data[last:-2] * count + data[-2:]


def polyglots() -> dict[str, bytes]:
    """Make files that are of two types at once, by name."""
    jpeg, gif = encoded(four_corners(90, 90), "JPEG"), encoded(four_corners(90, 90), "GIF")
    page = b"<script>alert(1)</script>"
    archive = b"PK\3\4" + bytes(26) + b"PK\5\6" + bytes(18)
    return {
        "JPEG then ZIP": jpeg + archive,
        "GIF then ZIP": gif + archive,
        "GIF that is a page": gif[:13] + gif[13:-1] + b"!\xfe" + bytes([len(page)]) + page + b"\0;",
        "PNG then JPEG": encoded(four_corners(90, 90), "PNG") + jpeg,
        "PDF then JPEG": b"%PDF-1.4\n" + jpeg,
        "TIFF that is a DNG's preview": encoded(four_corners(90, 90), "TIFF") + jpeg,
        "RIFF of a sound": b"RIFF" + struct.pack("<I", 36) + b"WAVEfmt " + bytes(28),
        "BMP then PNG": encoded(four_corners(90, 90), "BMP") + encoded(four_corners(9, 9), "PNG"),
        "JPEG in a JPEG's EXIF": jpeg_with(b"Exif\0\0" + jpeg, marker=0xE1),
        "MP4 of no image": b"\0\0\0\x18ftypisom\0\0\0\0isommp42" + bytes(100),
    }


def giants() -> dict[str, bytes]:
    """Make headers that say 65,535 pixels a side, of each type, with next to no data behind them."""
    small = four_corners(90, 70)
    lies = {
        "JPEG": (encoded(small, "JPEG"), (70, 90), ">HH"),
        "GIF": (encoded(small, "GIF"), (90, 70), "<HH"),
        "BMP": (encoded(small, "BMP"), (90, 70), "<ii"),
        "AVIF": (encoded(small, "AVIF"), (90, 70), ">II"),
    }
    made = {
        name: resized_header(data, size=size, lie=(_HUGE, _HUGE), order=order)
        for name, (data, size, order) in lies.items()
    }
    sides = [tag(256, LONG, _HUGE), tag(257, LONG, _HUGE), tag(258, SHORT, 8), tag(259, SHORT, 1), tag(262, SHORT, 1)]
    extended = b"VP8X" + struct.pack("<II", 10, 0) + (_HUGE - 1).to_bytes(3, "little") * 2
    return made | {
        "PNG": lying_png(_HUGE, _HUGE),
        "TIFF": tiff_of(*sides, data=b"\0"),
        "WEBP": b"RIFF" + struct.pack("<I", 4 + len(extended)) + b"WEBP" + extended,
        "HEIC": heic_that_says(_HUGE, _HUGE),
        "RAW": tiff_of(*sides[:4], tag(262, SHORT, 32803), tag(50706, LONG, 1), data=b"\0"),
    }
