"""JPEG headers: the markers before the first scan (ITU-T T.81, annex B)."""

from collections.abc import Iterable

from imagekit.formats.format import Format
from imagekit.formats.header import Header
from imagekit.formats.jpeg_color import APP1, APP2, EXIF, color_encoding, pixels_are_srgb
from imagekit.formats.jpeg_repair import repair
from imagekit.formats.jpeg_restarts import validate_restarts
from imagekit.formats.jpeg_scans import FRAMES, SCAN, validate_scans
from imagekit.formats.jpeg_segments import Segment, segments_before_scan
from imagekit.metadata.color_encoding import SRGB
from imagekit.metadata.exif import read_photo_metadata
from imagekit.metadata.exif_data import ExifData, read_exif
from imagekit.metadata.ifd import read_tags
from imagekit.metadata.orientation import UPRIGHT, exif_orientation
from imagekit.rejection import ImageRejected, unreadable
from imagekit.source import PartSource, Source, read_exactly
from safelight_contracts.image_types import ImageType

# The Multi-Picture Format (CIPA DC-007): a TIFF structure with the number of concatenated pictures.
_MPF = b"MPF\x00"
_NUMBER_OF_IMAGES = 0xB001


def read_header(source: Source) -> Header:
    """Read the frame header, EXIF data and the other segments before the first scan."""
    segments, frame = _segments(source)
    content = read_exactly(frame.content, 0, 5)
    exif = _exif(segments)
    pictures = [_behind(_MPF, one) for one in segments if one.marker == APP2 and one.starts_with(_MPF)]
    is_srgb = segments[-1].marker == SCAN and pixels_are_srgb(segments, frame=frame, exif=exif)
    return Header(
        type=ImageType.JPEG,
        stored_width=int.from_bytes(content[3:], "big"),
        stored_height=int.from_bytes(content[1:3], "big"),
        orientation=UPRIGHT if exif is None else exif_orientation(exif),
        frames=_pictures(pictures[-1]) if pictures else 1,
        is_srgb=is_srgb,
        color_encoding=SRGB if is_srgb else color_encoding(segments, frame=frame, exif=exif),
        photo_metadata=None if exif is None else read_photo_metadata(exif),
    )


def _segments(source: Source) -> tuple[list[Segment], Segment]:
    """List the segments up to the header of the first scan, and give the frame header.

    An error after the frame header ends the list: the size is known by then, and decoding reports the error.
    """
    segments: list[Segment] = []
    frame = None
    try:
        for segment in segments_before_scan(source):
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


def _exif(segments: Iterable[Segment]) -> ExifData | None:
    named = (segment for segment in segments if segment.marker == APP1 and segment.starts_with(EXIF))
    return next((read_exif(_behind(EXIF, segment)) for segment in named), None)


def _behind(name: bytes, segment: Segment) -> Source:
    return PartSource(segment.content, start=len(name))


def _pictures(multi_picture: Source) -> int:
    try:
        return max(1, read_tags(multi_picture).get(_NUMBER_OF_IMAGES, 1))
    except ImageRejected:
        return 1


FORMAT = Format(
    extension="jpg",
    content_type="image/jpeg",
    # What follows may be stray bytes before the first marker.
    recognises=lambda head: head.startswith(b"\xff\xd8"),
    read_header=read_header,
    # Measured with progressive CMYK.
    decoding_bytes_a_pixel=10,
    libvips_loader="jpegload",
    repair=repair,
    checks=[validate_scans, validate_restarts],
)
"""JPEG, decoded by libjpeg."""
