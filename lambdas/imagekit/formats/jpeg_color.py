"""Find out whether the stored pixels of a JPEG are sRGB."""

from collections.abc import Iterable, Sequence

from imagekit.formats.jpeg_segments import Segment
from imagekit.metadata.ifd import EXIF_IFD, Ifd, linked_ifd, read_ifd
from imagekit.metadata.srgb import MAX_PROFILE_BYTES, is_srgb
from imagekit.rejection import ImageRejected
from imagekit.source import PartSource

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

_INTEROPERABILITY_IFD = 40965
_COLOR_SPACE, _INTEROPERABILITY_INDEX = 40961, 1
_SRGB = 1
# "R98" is sRGB, "R03" Adobe RGB, "THM" a thumbnail (Exif 3.0, 4.6.7).
_SRGB_INDEX = "R98"
_MAX_INDEX_BYTES = 8


def pixels_are_srgb(segments: Sequence[Segment], *, frame: Segment) -> bool:
    """Return whether the stored pixels of a JPEG are sRGB, so that software that ignores metadata shows it correctly.

    False also if the answer is not known: with a profile that is not sRGB's, EXIF data that is broken or names another
    colour space, CMYK, components that decoders interpret differently, or segments that not every decoder finds.

    Parameters
    ----------
    segments
        All segments up to the first scan.
    frame
        The frame header among them.
    """
    return (
        all(segment.is_regular for segment in segments)
        and _has_common_components(segments, frame=frame)
        and _has_no_other_profile(segments)
        and _has_no_other_exif_color_space(segments)
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


def _has_no_other_exif_color_space(segments: Iterable[Segment]) -> bool:
    exif = [segment.content for segment in segments if segment.marker == APP1 and segment.starts_with(EXIF)]
    if not exif:
        return True
    if len(exif) > 1:
        return False
    try:
        first = read_ifd(PartSource(exif[0], start=len(EXIF)))
    except ImageRejected:
        return False
    details = linked_ifd(first, EXIF_IFD)
    interoperability = linked_ifd(details, _INTEROPERABILITY_IFD)
    if _is_lost(first, EXIF_IFD, found=details):
        return False
    if details is None:
        return True
    if _is_lost(details, _INTEROPERABILITY_IFD, found=interoperability):
        return False
    index = None if interoperability is None else interoperability.text(_INTEROPERABILITY_INDEX, limit=_MAX_INDEX_BYTES)
    named = _COLOR_SPACE in details.entries
    return (not named or details.number(_COLOR_SPACE) == _SRGB) and index in (None, _SRGB_INDEX)


def _is_lost(ifd: Ifd, tag: int, *, found: Ifd | None) -> bool:
    return tag in ifd.entries and found is None
