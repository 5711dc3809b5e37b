"""Where in a HEIF file EXIF data stands (ISO/IEC 14496-12, 8.11; ISO/IEC 23008-12, annex A)."""

from collections.abc import Mapping

from imagekit.boxes import boxes
from imagekit.rejection import ImageRejected
from imagekit.source import BytesSource, PartSource, Source, read_exactly

_EXIF = b"Exif"
_MAX_ITEMS = 4096


class _Fields:
    """Numbers of given lengths, one behind another; any beyond the end is a rejection."""

    def __init__(self, content: bytes, *, offset: int) -> None:
        self._source = BytesSource(content)
        self._offset = offset

    def read(self, length: int) -> int:
        data = read_exactly(self._source, self._offset, length)
        self._offset += length
        return int.from_bytes(data, "big")

    def skip(self, length: int) -> None:
        self._offset += length


def exif_item(source: Source, *, meta: Mapping[bytes, bytes]) -> Source | None:
    """Find EXIF data.

    Parameters
    ----------
    source
        The image.
    meta
        The contents of the boxes in its `meta` box.

    Returns
    -------
    Source or None
        What the TIFF structure stands in, from its first byte on. None where there is no EXIF item, or one that
        stands in several parts or elsewhere than in the file itself.
    """
    try:
        item = _exif_item_number(meta.get(b"iinf", b""))
        place = None if item is None else _place(meta.get(b"iloc", b""), item=item)
        if place is None:
            return None
        start, length = place
        # The item begins with how far behind these four bytes the TIFF structure does.
        skipped = 4 + int.from_bytes(read_exactly(source, start, 4), "big")
        return PartSource(source, start=start + skipped, length=max(0, length - skipped))
    except ImageRejected:
        return None


def _exif_item_number(items: bytes) -> int | None:
    count_bytes = 2 if items[:1] == b"\0" else 4
    for kind, item in boxes(BytesSource(items), start=4 + count_bytes):
        # Versions 0 and 1 have no types of items.
        number_bytes = {2: 2, 3: 4}.get(item[0] if item else 0)
        if kind == b"infe" and number_bytes is not None:
            type_at = 4 + number_bytes + 2
            if item[type_at : type_at + 4] == _EXIF:
                return int.from_bytes(item[4 : 4 + number_bytes], "big")
    return None


def _place(locations: bytes, *, item: int) -> tuple[int, int] | None:
    fields = _Fields(locations, offset=0)
    version = fields.read(4) >> 24
    sizes = fields.read(2)
    offset_bytes, length_bytes, base_bytes, index_bytes = (sizes >> shift & 15 for shift in (12, 8, 4, 0))
    # Of version 0, these four bits are reserved.
    index_bytes = 0 if version == 0 else index_bytes
    number_bytes = 4 if version == 2 else 2
    for _ in range(min(fields.read(number_bytes), _MAX_ITEMS)):
        number = fields.read(number_bytes)
        construction = fields.read(2) & 15 if version in (1, 2) else 0
        other_file = fields.read(2)
        base = fields.read(base_bytes)
        extents = fields.read(2)
        if number == item:
            if extents != 1 or construction or other_file:
                return None
            fields.skip(index_bytes)
            return base + fields.read(offset_bytes), fields.read(length_bytes)
        fields.skip(extents * (index_bytes + offset_bytes + length_bytes))
    return None
