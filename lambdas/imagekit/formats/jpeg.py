"""JPEG headers: the markers before the first scan (ITU-T T.81, annex B)."""

from collections.abc import Iterator

from imagekit.formats.format import Format
from imagekit.formats.header import Header
from imagekit.formats.jpeg_color import APP1, APP2, EXIF, Segment, pixels_are_srgb
from imagekit.formats.jpeg_repair import repair
from imagekit.formats.jpeg_scans import FRAMES, validate_scans
from imagekit.metadata.exif import read_photo_metadata
from imagekit.metadata.ifd import read_tags
from imagekit.metadata.orientation import UPRIGHT, exif_orientation
from imagekit.rejection import ImageRejected, unreadable
from imagekit.source import PartSource, Source, read_exactly
from safelight_contracts.image_types import ImageType

_FILL = b"\xff"
_MAX_FILL_BYTES = 64
_MAX_SEGMENTS = 1024
_SCAN = 0xDA
# Restart, start of image, end of image: not allowed before the first scan.
_OUT_OF_PLACE = {0x00, 0x01, *range(0xD0, 0xDA)}
# The Multi-Picture Format (CIPA DC-007): a TIFF structure with the number of concatenated pictures.
_MPF = b"MPF\x00"
_NUMBER_OF_IMAGES = 0xB001


def read_header(source: Source) -> Header:
    """Read the frame header, EXIF data and the other segments before the first scan."""
    segments, frame = _segments(source)
    content = read_exactly(frame.content, 0, 5)
    exif = next((_behind(EXIF, one) for one in segments if one.marker == APP1 and one.starts_with(EXIF)), None)
    pictures = [_behind(_MPF, one) for one in segments if one.marker == APP2 and one.starts_with(_MPF)]
    return Header(
        type=ImageType.JPEG,
        stored_width=int.from_bytes(content[3:], "big"),
        stored_height=int.from_bytes(content[1:3], "big"),
        orientation=UPRIGHT if exif is None else exif_orientation(exif),
        frames=_pictures(pictures[-1]) if pictures else 1,
        is_srgb=segments[-1].marker == _SCAN and pixels_are_srgb(segments, frame=frame),
        photo_metadata=None if exif is None else read_photo_metadata(exif),
    )


def _segments(source: Source) -> tuple[list[Segment], Segment]:
    """List the segments up to the header of the first scan, and give the frame header.

    An error after the frame header ends the list: the size is known by then, and decoding reports the error.
    """
    segments: list[Segment] = []
    frame = None
    try:
        for segment in _walk(source):
            segments.append(segment)
            if segment.marker in FRAMES:
                # If there are two frames, decoders disagree on which one to read.
                if frame is not None:
                    break
                frame = segment
    except ImageRejected:
        if frame is None:
            raise
    if frame is None:
        raise unreadable("a JPEG without a frame")
    return segments, frame


def _walk(source: Source) -> Iterator[Segment]:
    offset = 2
    for _ in range(_MAX_SEGMENTS):
        marker, offset = _next_marker(source, offset=offset)
        if marker in _OUT_OF_PLACE:
            raise unreadable("a JPEG without a frame")
        length = int.from_bytes(read_exactly(source, offset, 2), "big")
        if length < 2:
            raise unreadable("a JPEG segment without a length")
        yield Segment(marker=marker, content=PartSource(source, start=offset + 2, length=length - 2))
        if marker == _SCAN:
            return
        offset += length
    raise unreadable("a JPEG whose header is too long")


def _behind(name: bytes, segment: Segment) -> Source:
    return PartSource(segment.content, start=len(name))


def _pictures(multi_picture: Source) -> int:
    try:
        return max(1, read_tags(multi_picture).get(_NUMBER_OF_IMAGES, 1))
    except ImageRejected:
        return 1


def _next_marker(source: Source, *, offset: int) -> tuple[int, int]:
    run = source.read_at(offset, _MAX_FILL_BYTES)
    after_fill = run.lstrip(_FILL)
    if not run.startswith(_FILL) or not after_fill:
        raise unreadable("JPEG marker missing")
    return after_fill[0], offset + len(run) - len(after_fill) + 1


FORMAT = Format(
    extension="jpg",
    content_type="image/jpeg",
    recognises=lambda head: head.startswith(b"\xff\xd8\xff"),
    read_header=read_header,
    # Measured with progressive JPEG.
    decoding_bytes_a_pixel=9,
    libvips_loader="jpegload",
    repair=repair,
    checks=[validate_scans],
)
"""JPEG, decoded by libjpeg."""
