"""Find out how the numbers of a JPEG stand for colours, and whether its stored pixels are sRGB."""

from collections.abc import Iterable, Sequence

from imagekit.formats.jpeg_segments import Segment
from imagekit.metadata.color_encoding import SRGB, ColorEncoding
from imagekit.metadata.exif_color import exif_color_encoding, names_srgb_or_nothing
from imagekit.metadata.exif_data import ExifData
from imagekit.metadata.srgb import MAX_PROFILE_BYTES, is_srgb

APP1, APP2, APP14 = 0xE1, 0xE2, 0xEE
EXIF = b"Exif\x00\x00"
ICC = b"ICC_PROFILE\x00"
# Behind the name, each part of a profile says which one it is, from 1 on, and how many there are (ICC.1:2022, B.4).

_ADOBE = b"Adobe"
_ADOBE_TRANSFORM = 11
_YCBCR = 1

# Baseline, extended and progressive, all of Huffman's code: what every decoder reads.
_COMMON_FRAMES = {0xC0, 0xC1, 0xC2}
_COMMON_COMPONENTS = ([1], [1, 2, 3])
_BIT_DEPTH = 8
# Where a frame has the number of its components.
_COMPONENT_COUNT = 5


def color_encoding(segments: Iterable[Segment], *, frame: Segment, exif: ExifData | None) -> ColorEncoding:
    """Return how the numbers of a JPEG stand for colours if it has no ICC profile.

    Parameters
    ----------
    segments
        All segments up to the first scan.
    frame
        The frame header among them.
    exif
        EXIF data, of the first segment that has any. It says nothing of grey or of inks.
    """
    has_profile = any(segment.marker == APP2 and segment.starts_with(ICC) for segment in segments)
    has_three_components = frame.content.read_at(_COMPONENT_COUNT, 1) == b"\x03"
    return SRGB if exif is None or has_profile or not has_three_components else exif_color_encoding(exif)


def pixels_are_srgb(segments: Sequence[Segment], *, frame: Segment, exif: ExifData | None) -> bool:
    """Return whether the stored pixels of a JPEG are sRGB, so that software that ignores metadata shows it correctly.

    False also if the answer is not known: with a profile that is not sRGB's, EXIF data that is broken or names another
    colour space, CMYK, components that decoders interpret differently, or segments that not every decoder finds.

    Parameters
    ----------
    segments
        All segments up to the first scan.
    frame
        The frame header among them.
    exif
        EXIF data, of the first segment that has any.
    """
    return (
        all(segment.is_regular for segment in segments)
        and _has_common_components(segments, frame=frame)
        and _has_no_other_profile(segments)
        and (exif is None or (_has_one_exif_segment(segments) and names_srgb_or_nothing(exif)))
    )


def _has_common_components(segments: Iterable[Segment], *, frame: Segment) -> bool:
    header = frame.content.read_at(0, frame.content.size)
    components = list(header[6::3])
    # Without Adobe's segment, all decoders take three components with these numbers for YCbCr.
    transforms = [
        segment.content.read_at(_ADOBE_TRANSFORM, 1)[:1]
        for segment in segments
        if segment.marker == APP14 and segment.starts_with(_ADOBE)
    ]
    return (
        frame.marker in _COMMON_FRAMES
        and header[:1] == bytes([_BIT_DEPTH])
        and components in _COMMON_COMPONENTS
        and (len(components) == 1 or all(transform == bytes([_YCBCR]) for transform in transforms))
    )


def _has_no_other_profile(segments: Iterable[Segment]) -> bool:
    parts = [segment.content for segment in segments if segment.marker == APP2 and segment.starts_with(ICC)]
    if not parts:
        return True
    if sum(part.size for part in parts) > MAX_PROFILE_BYTES:
        return False
    contents = sorted(part.read_at(len(ICC), part.size) for part in parts)
    numbers = [tuple(content[:2]) for content in contents]
    is_whole = numbers == [(number, len(parts)) for number in range(1, len(parts) + 1)]
    return is_whole and is_srgb(b"".join(content[2:] for content in contents))


def _has_one_exif_segment(segments: Iterable[Segment]) -> bool:
    # Decoders differ in which of two they read.
    return sum(segment.marker == APP1 and segment.starts_with(EXIF) for segment in segments) == 1
