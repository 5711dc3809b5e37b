"""Headers of lossless JPEG (ITU-T T.81, annex H), by which cameras code what the sensor saw.

LibRaw leaves the place of such an image unwritten where its header is broken, and reports nothing (`ljpeg_start`).
"""

from imagekit.rejection import ImageRejected, unreadable

_START, _TABLES, _SCAN = 0xD8, 0xC4, 0xDA
# Lossless, and the one other frame that LibRaw decodes here.
_FRAMES = {0xC3, 0xC1}
_TABLE_COUNTS = 16
_MAX_TABLE_NUMBER = 3
_TABLE_CLASSES = {0, 1}
_MAX_BITS = 16
_MAX_COMPONENTS = 6


def count_samples(data: bytes, *, start: int, end: int) -> int:
    """Read a header up to the first scan, and count the samples of the image.

    Parameters
    ----------
    data
        The file that the image is in.
    start, end
        Where in the file it is.

    Returns
    -------
    int
        Width times height times components.

    Raises
    ------
    ImageRejected
        `UNREADABLE_IMAGE` when the header is broken, or not whole before `end`.
    """
    if data[start : start + 2] != bytes([0xFF, _START]):
        raise _broken()
    samples, has_table = 0, False
    offset = start + 2
    while True:
        head = data[offset : min(offset + 4, end)]
        if len(head) < 4 or head[0] != 0xFF or head[1] == 0:
            raise _broken()
        length = int.from_bytes(head[2:], "big")
        content, offset = data[offset + 4 : offset + 2 + length], offset + 2 + length
        if length < 2 or offset > end:
            raise _broken()
        if head[1] in _FRAMES:
            samples = _samples_of_frame(content)
        elif head[1] == _TABLES:
            has_table = _check_tables(content) or has_table
        elif head[1] == _SCAN:
            if not samples or not has_table or not content or len(content) < 4 + 2 * content[0]:
                raise _broken()
            return samples


def _samples_of_frame(content: bytes) -> int:
    if len(content) < 6:
        raise _broken()
    bits, components = content[0], content[5]
    height, width = int.from_bytes(content[1:3], "big"), int.from_bytes(content[3:5], "big")
    if not 1 <= bits <= _MAX_BITS or not 1 <= components <= _MAX_COMPONENTS or len(content) < 6 + 3 * components:
        raise _broken()
    return width * height * components


def _check_tables(content: bytes) -> bool:
    """Check Huffman tables, and tell whether the first one, which the others default to, is among them."""
    has_first = False
    at = 0
    while at < len(content):
        number = content[at]
        counts = content[at + 1 : at + 1 + _TABLE_COUNTS]
        at += 1 + _TABLE_COUNTS + sum(counts)
        # Kraft's inequality: there is no code for more.
        codes = sum(count << (_TABLE_COUNTS - bits) for bits, count in enumerate(counts, start=1))
        is_known = number >> 4 in _TABLE_CLASSES and number & 15 <= _MAX_TABLE_NUMBER
        if at > len(content) or not is_known or not 0 < codes <= 1 << _TABLE_COUNTS:
            raise _broken()
        has_first = has_first or number == 0
    return has_first


def _broken() -> ImageRejected:
    return unreadable("a lossless JPEG without a whole header")
