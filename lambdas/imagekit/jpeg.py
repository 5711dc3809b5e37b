"""JPEG headers: the markers before the first scan (ITU-T T.81, annex B)."""

from imagekit.directory import exif_orientation, read_tags
from imagekit.exif import Facts, read_facts
from imagekit.header import UPRIGHT, Header
from imagekit.image_type import ImageType
from imagekit.rejection import ImageRejected, unreadable
from imagekit.source import PartSource, Source, read_exactly

_FILL = b"\xff"
_MAX_FILL_BYTES = 64
_MAX_SEGMENTS = 1024
# C4, C8 and CC are tables and an extension, not frames.
_FRAMES = set(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
# Restart, start of image, end of image, start of scan: none may come before the frame.
_OUT_OF_PLACE = {0x00, 0x01, *range(0xD0, 0xDB)}
_APP1 = 0xE1
_EXIF = b"Exif\x00\x00"
_APP2 = 0xE2
_ICC = b"ICC_PROFILE\x00"
# The Multi-Picture Format (CIPA DC-007): a TIFF structure that tells how many pictures stand one behind another.
_MPF = b"MPF\x00"
_NUMBER_OF_IMAGES = 0xB001

# The Raspberry Pi's camera software of before 2022 names the sensor in EXIF, and appends a block that begins with this
# mark. Its length is that of the whole sensor: picamera's "Raw Bayer data captures" has the first two.
_APPENDED = b"BRCM"
_APPENDED_BYTES = {
    "RaspberryPi RP_ov5647": 6_404_096,
    "RaspberryPi RP_imx219": 10_270_208,
    "RaspberryPi RP_imx477": 18_711_040,
}


def read_header(source: Source) -> Header:
    """Read a JPEG's frame header, its orientation and facts from EXIF, and whether a profile or raw data is there."""
    exif: Source | None = None
    has_color_profile = False
    frames = 1
    offset = 2
    for _ in range(_MAX_SEGMENTS):
        marker, offset = _next_marker(source, offset=offset)
        if marker in _OUT_OF_PLACE:
            raise unreadable("a JPEG without a frame")
        length = int.from_bytes(read_exactly(source, offset, 2), "big")
        if length < 2:
            raise unreadable("a JPEG segment without a length")
        if marker in _FRAMES:
            frame = read_exactly(source, offset + 2, 5)
            facts = None if exif is None else read_facts(exif)
            return Header(
                type=ImageType.JPEG,
                stored_width=int.from_bytes(frame[3:], "big"),
                stored_height=int.from_bytes(frame[1:3], "big"),
                orientation=UPRIGHT if exif is None else exif_orientation(exif, base=0),
                frames=frames,
                bit_depth=frame[0],
                has_color_profile=has_color_profile,
                has_raw_appended=_has_raw_appended(source, facts=facts),
                facts=facts,
            )
        if marker == _APP1 and exif is None and source.read_at(offset + 2, len(_EXIF)) == _EXIF:
            start = 2 + len(_EXIF)
            exif = PartSource(source, start=offset + start, length=max(0, length - start))
        if marker == _APP2:
            has_color_profile |= source.read_at(offset + 2, len(_ICC)) == _ICC
            if source.read_at(offset + 2, len(_MPF)) == _MPF:
                start = 2 + len(_MPF)
                frames = _pictures(PartSource(source, start=offset + start, length=max(0, length - start)))
        offset += length
    raise unreadable("a JPEG whose header is too long")


def _pictures(multi_picture: Source) -> int:
    try:
        return max(1, read_tags(multi_picture, base=0).get(_NUMBER_OF_IMAGES, 1))
    except ImageRejected:
        return 1


def _has_raw_appended(source: Source, *, facts: Facts | None) -> bool:
    # A look at the end of a file that is far away costs a request: only where the camera can have appended anything.
    length = _APPENDED_BYTES.get(facts.camera or "") if facts is not None else None
    if length is None or source.size <= length:
        return False
    try:
        return source.read_at(source.size - length, len(_APPENDED)) == _APPENDED
    except ImageRejected:
        return False


def _next_marker(source: Source, *, offset: int) -> tuple[int, int]:
    run = source.read_at(offset, _MAX_FILL_BYTES)
    after_fill = run.lstrip(_FILL)
    if not run.startswith(_FILL) or not after_fill:
        raise unreadable("no JPEG marker where one is due")
    return after_fill[0], offset + len(run) - len(after_fill) + 1
