"""The items of a HEIF file: pictures and EXIF data (ISO/IEC 14496-12, 8.11; ISO/IEC 23008-12)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from imagekit.formats.boxes import boxes
from imagekit.rejection import ImageRejected
from imagekit.source import BytesSource, PartSource, Source, read_exactly

_EXIF = b"Exif"
# The HDR version of a picture: derived from the picture and its gain map, in this order (AVIF 1.2).
_TONE_MAP = b"tmap"
# Items that are not pictures of their own: metadata, regions and HDR versions.
_NO_PICTURES = {_EXIF, b"mime", b"uri ", b"rgan", _TONE_MAP}
# References from parts or smaller copies of a picture: alpha, depth map, thumbnail.
_BESIDE = {b"auxl", b"thmb"}
_DERIVED = b"dimg"
_HIDDEN = 1
_MAX_ITEMS = 4096


@dataclass(frozen=True, kw_only=True)
class _Item:
    number: int
    kind: bytes
    hidden: bool


class _Fields:
    """Reads consecutive numbers of given lengths. Rejects the image at the end of the data."""

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

    `meta`: the contents of the boxes in its `meta` box.

    Returns the bytes from the start of the TIFF structure. None if there is no EXIF item, or if the item is in several
    parts or outside the file.
    """
    try:
        item = _exif_item_number(meta.get(b"iinf", b""))
        place = None if item is None else _place(meta.get(b"iloc", b""), item=item)
        if place is None:
            return None
        start, length = place
        # The item begins with the distance from these four bytes to the TIFF structure.
        skipped = 4 + int.from_bytes(read_exactly(source, start, 4), "big")
        return PartSource(source, start=start + skipped, length=max(0, length - skipped))
    except ImageRejected:
        return None


def sdr_picture(meta: Mapping[bytes, bytes], *, primary: int) -> int:
    """Return the number of the picture that is shown without HDR: the base of an HDR version, or the primary item.

    `meta`: the contents of the boxes in the image's `meta` box.

    Raises ImageRejected: `UNREADABLE_IMAGE` when the boxes are broken.
    """
    if all(item.number != primary or item.kind != _TONE_MAP for item in _items(meta.get(b"iinf", b""))):
        return primary
    references = _references(meta.get(b"iref", b""))
    bases = (targets[0] for kind, origin, targets in references if kind == _DERIVED and origin == primary and targets)
    return next(bases, primary)


def count_pictures(meta: Mapping[bytes, bytes], *, primary: int) -> int:
    """Count the pictures of an image collection, including the primary one.

    Tiles of a larger picture, thumbnails, alpha and hidden items do not count.

    `meta`: the contents of the boxes in the image's `meta` box.

    Raises ImageRejected: `UNREADABLE_IMAGE` when the boxes are broken.
    """
    parts = {primary}
    pictures = {primary}
    for kind, origin, targets in _references(meta.get(b"iref", b"")):
        if kind in _BESIDE:
            parts.add(origin)
        elif kind == _DERIVED:
            parts.update(targets)
    for item in _items(meta.get(b"iinf", b"")):
        if item.kind not in _NO_PICTURES and not item.hidden and item.number not in parts:
            pictures.add(item.number)
    return len(pictures)


def _references(content: bytes) -> Iterator[tuple[bytes, int, list[int]]]:
    number_bytes = 2 if content[:1] == b"\0" else 4
    for kind, reference in boxes(BytesSource(content), start=4):
        fields = _Fields(reference, offset=0)
        origin = fields.read(number_bytes)
        yield kind, origin, [fields.read(number_bytes) for _ in range(fields.read(2))]


def _exif_item_number(items: bytes) -> int | None:
    return next((item.number for item in _items(items) if item.kind == _EXIF), None)


def _items(content: bytes) -> Iterator[_Item]:
    count_bytes = 2 if content[:1] == b"\0" else 4
    for kind, entry in boxes(BytesSource(content), start=4 + count_bytes):
        # In versions 0 and 1, items have no type.
        number_bytes = {2: 2, 3: 4}.get(entry[0] if entry else 0)
        if kind == b"infe" and number_bytes is not None:
            type_at = 4 + number_bytes + 2
            yield _Item(
                number=int.from_bytes(entry[4 : 4 + number_bytes], "big"),
                kind=entry[type_at : type_at + 4],
                hidden=bool(len(entry) > 3 and entry[3] & _HIDDEN),
            )


def _place(locations: bytes, *, item: int) -> tuple[int, int] | None:
    fields = _Fields(locations, offset=0)
    version = fields.read(4) >> 24
    sizes = fields.read(2)
    offset_bytes, length_bytes, base_bytes, index_bytes = (sizes >> shift & 15 for shift in (12, 8, 4, 0))
    # In version 0, these four bits are reserved.
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
