"""Check that a camera raw file contains all of its sensor data, as far as the file says where that is.

LibRaw decodes truncated files without an error. It leaves the missing part black, flat or unwritten.
"""

import struct
import zlib
from collections.abc import Sequence
from contextlib import suppress
from itertools import islice
from math import ceil

from imagekit.formats import jpeg, lossless_jpeg
from imagekit.formats.boxes import validate_top_level_box
from imagekit.metadata.ifd import HEIGHT, WIDTH, Ifd, ifd_offsets, read_ifd
from imagekit.rejection import ImageRejected, unreadable
from imagekit.source import BytesSource, PartSource, Source, read_exactly

DNG_VERSION = 50706
NEW_SUBFILE_TYPE = 254
COMPRESSION = 259
PHOTOMETRIC = 262
SUB_IFDS = 330
REDUCED = 1
SENSOR_DATA = {32803, 34892}
"""Values of `PHOTOMETRIC`: a colour filter array, and linear raw."""

RAF_START = b"FUJIFILMCCD-RAW "

_BITS_PER_SAMPLE, _SAMPLES_PER_PIXEL, _PLANAR = 258, 277, 284
_STRIP_OFFSETS, _ROWS_PER_STRIP, _STRIP_BYTES = 273, 278, 279
_TILE_WIDTH, _TILE_HEIGHT, _TILE_OFFSETS, _TILE_BYTES = 322, 323, 324, 325
_UNCOMPRESSED, _JPEG, _DEFLATE, _LOSSY_JPEG = 1, 7, 8, 34892
_INFLATED_AT_ONCE = 1024 * 1024
_SEPARATE_PLANES = 2
# Tiles of 256 pixels a side in an image of 65,535 pixels a side.
_MAX_PARTS = 65_536
_MAX_IFDS = 64

# In CR2, after the first eight bytes.
_CR2_MARK = b"CR"
# In RAF, three pairs of offset and length: the preview, the sensor's header and the sensor's data.
_RAF_PARTS = 84

# In RW2, whose byte counts are not those of the file (ExifTool's tag tables): the sensor's size, the encoding and the
# offset of the data.
_RW2_START = b"IIU\0"
_RW2_WIDTH, _RW2_HEIGHT, _RW2_BITS, _RW2_ENCODING, _RW2_OFFSET = 2, 3, 10, 45, 280
# By encoding and bits, how many pixels LibRaw reads from each 16 bytes. Encoding 8 stores its own lengths.
_RW2_BLOCK_BYTES = 16
_RW2_BLOCK_PIXELS = {(4, 12): 14, (5, 12): 10, (5, 14): 9, (6, 12): 14, (6, 14): 11, (7, 12): 10, (7, 14): 9}


def validate_sensor_data(data: bytes) -> None:
    """Reject a camera raw file that refers to data that it does not contain.

    TIFF strips and tiles must be in the file. Lossless JPEG strips must begin with a complete header. DNG strips and
    tiles must be enough for its pixels, in number and in length: after inflating if they are deflated, and by the size
    in its header if each is a JPEG. The data of RAF, RW2 and CR3 must be in the file.

    Raises ImageRejected: `UNREADABLE_IMAGE`.
    """
    source = BytesSource(data)
    if data.startswith(RAF_START):
        _check_raf(source)
    elif data[4:8] == b"ftyp":
        validate_top_level_box(source, kind=b"mdat")
    elif data.startswith(_RW2_START):
        _check_rw2(read_ifd(source), size=source.size)
    else:
        _check_tiff(source, data=data)


def _check_raf(source: Source) -> None:
    for offset, length in struct.iter_unpack(">II", read_exactly(source, _RAF_PARTS, 24)):
        if offset + length > source.size:
            raise _missing()


def _check_rw2(ifd: Ifd, *, size: int) -> None:
    offset = _number(ifd, _RW2_OFFSET, default=_number(ifd, _STRIP_OFFSETS, default=0))
    encoding = _number(ifd, _RW2_ENCODING, default=0), _number(ifd, _RW2_BITS, default=0)
    pixels = _number(ifd, _RW2_WIDTH, default=0) * _number(ifd, _RW2_HEIGHT, default=0)
    block = _RW2_BLOCK_PIXELS.get(encoding)
    length = 1 if block is None else pixels // block * _RW2_BLOCK_BYTES
    if offset + length > size:
        raise _missing()


def _check_tiff(source: Source, *, data: bytes) -> None:
    ifds = _ifds(source)
    is_dng = any(DNG_VERSION in ifd.entries for ifd in ifds)
    for ifd in ifds:
        is_sensor = _number(ifd, PHOTOMETRIC, default=0) in SENSOR_DATA
        if not is_sensor and _number(ifd, NEW_SUBFILE_TYPE, default=0) & REDUCED:
            continue
        parts = _parts(ifd)
        if is_sensor and not parts:
            raise _missing()
        samples = [0] * len(parts)
        if is_sensor and _number(ifd, COMPRESSION, default=_UNCOMPRESSED) == _JPEG:
            samples = [lossless_jpeg.count_samples(data, start=start, end=end) for start, end in parts]
        if is_sensor and is_dng:
            _check_dng(ifd, parts=parts, samples=samples)
    if data[8:10] == _CR2_MARK:
        # The sensor's data is in the last of four IFDs.
        *_, sensor = (read_ifd(source, offset=offset) for offset in ifd_offsets(source))
        for start, end in _parts(sensor):
            lossless_jpeg.count_samples(data, start=start, end=end)


def _ifds(source: Source) -> Sequence[Ifd]:
    waiting = list(islice(ifd_offsets(source), _MAX_IFDS))
    ifds: dict[int, Ifd] = {}
    while waiting and len(ifds) < _MAX_IFDS:
        offset = waiting.pop(0)
        # If a pointer is broken, LibRaw does not find the sensor data either.
        with suppress(ImageRejected):
            if offset not in ifds:
                ifds[offset] = ifd = read_ifd(source, offset=offset)
                waiting += [int(one) for one in ifd.numbers(SUB_IFDS, limit=_MAX_IFDS)]
    return list(ifds.values())


def _parts(ifd: Ifd) -> Sequence[tuple[int, int]]:
    """Return start and end of each strip or tile. Reject a file that does not contain all of them."""
    tags = (_TILE_OFFSETS, _TILE_BYTES) if _TILE_OFFSETS in ifd.entries else (_STRIP_OFFSETS, _STRIP_BYTES)
    if tags[0] not in ifd.entries:
        return []
    offsets, lengths = (_numbers(ifd, tag) for tag in tags)
    if len(offsets) != len(lengths):
        raise _missing()
    parts = [(offset, offset + length) for offset, length in zip(offsets, lengths, strict=True)]
    if any(start < 0 or end < start or end > ifd.source.size for start, end in parts):
        raise _missing()
    return parts


def _check_dng(ifd: Ifd, *, parts: Sequence[tuple[int, int]], samples: Sequence[int]) -> None:
    """Reject too few or too short strips or tiles. `samples` is the number that each codes as lossless JPEG."""
    width, height = _number(ifd, WIDTH, default=0), _number(ifd, HEIGHT, default=0)
    part_width, part_height = _part_size(ifd)
    if part_width < 1 or part_height < 1:
        raise unreadable("raw data in strips or tiles without a size")
    of_pixel = _number(ifd, _SAMPLES_PER_PIXEL, default=1)
    planes = of_pixel if _number(ifd, _PLANAR, default=1) == _SEPARATE_PLANES else 1
    across, down = ceil(width / part_width), ceil(height / part_height)
    if len(parts) < across * down * planes:
        raise _missing()
    compression = _number(ifd, COMPRESSION, default=_UNCOMPRESSED)
    sample_bits = _number(ifd, _BITS_PER_SAMPLE, default=1)
    if compression == _UNCOMPRESSED:
        bits = width * height * of_pixel * sample_bits
        if 8 * sum(end - start for start, end in parts) < bits:
            raise _missing()
    columns = min(part_width, width)
    for number, (start, end) in enumerate(parts[: across * down * planes]):
        rows = min(part_height, height - part_height * (number % (across * down) // across))
        needed = columns * rows * of_pixel // planes
        if compression == _JPEG and samples[number] < needed:
            raise _missing()
        if compression == _LOSSY_JPEG:
            _check_lossy(PartSource(ifd.source, start=start, length=end - start), columns=columns, rows=rows)
        if compression == _DEFLATE:
            _check_deflated(ifd.source.read_at(start, end - start), length=needed * sample_bits // 8)


def _check_lossy(part: Source, *, columns: int, rows: int) -> None:
    header = jpeg.read_header(part)
    if header.stored_width < columns or header.stored_height < rows:
        raise _missing()


def _check_deflated(part: bytes, *, length: int) -> None:
    inflating = zlib.decompressobj()
    missing, rest = length, part
    try:
        while missing > 0:
            inflated = inflating.decompress(rest, min(missing, _INFLATED_AT_ONCE))
            if not inflated:
                raise _missing()
            missing, rest = missing - len(inflated), inflating.unconsumed_tail
    except zlib.error as error:
        raise _missing() from error


def _part_size(ifd: Ifd) -> tuple[int, int]:
    if _TILE_OFFSETS in ifd.entries:
        return _number(ifd, _TILE_WIDTH, default=0), _number(ifd, _TILE_HEIGHT, default=0)
    height = _number(ifd, HEIGHT, default=0)
    # TIFF 6.0's default is one strip.
    return _number(ifd, WIDTH, default=0), min(height, _number(ifd, _ROWS_PER_STRIP, default=height))


def _numbers(ifd: Ifd, tag: int) -> list[int]:
    entry = ifd.entry(tag)
    values = ifd.numbers(tag, limit=_MAX_PARTS)
    if entry is None or not values or len(values) < entry.values:
        raise _missing()
    return [int(value) for value in values]


def _number(ifd: Ifd, tag: int, *, default: int) -> int:
    value = ifd.number(tag)
    return default if value is None or value != value else int(value)


def _missing() -> ImageRejected:
    return unreadable("a camera raw file without all of its sensor's data")
