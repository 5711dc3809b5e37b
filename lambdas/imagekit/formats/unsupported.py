"""File types that are not supported but are uploaded all the same: a rejection names them."""

import re
from collections.abc import Mapping

from imagekit.formats.boxes import brands_of

_STARTS: Mapping[bytes, str] = {
    # Pictures.
    b"\xff\x0a": "JPEG XL",
    b"\x00\x00\x00\x0cJXL \r\n\x87\n": "JPEG XL",
    b"II\xbc": "JPEG XR",
    b"8BPS": "PSD",
    b"\x00\x00\x01\x00": "ICO",
    b"\x00\x00\x02\x00": "CUR",
    b"v/1\x01": "OpenEXR",
    b"#?RADIANCE": "Radiance HDR",
    b"#?RGBE": "Radiance HDR",
    b"DDS ": "DDS",
    b"FLIF": "FLIF",
    b"qoif": "QOI",
    b"BPG\xfb": "BPG",
    b"gimp xcf": "XCF",
    b"AT&TFORM": "DjVu",
    b"\x8aMNG\r\n\x1a\n": "MNG",
    b"\x8bJNG\r\n\x1a\n": "JNG",
    b"SIMPLE  =": "FITS",
    # Camera raw with a structure of its own: Canon's first, Minolta's, Sigma's.
    b"II\x1a\x00\x00\x00HEAPCCDR": "CRW",
    b"\x00MRM": "MRW",
    b"FOVb": "X3F",
    # Documents.
    b"%PDF-": "PDF",
    b"%!PS": "PostScript",
    b"\xc5\xd0\xd3\xc6": "PostScript",
    b"{\\rtf": "RTF",
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1": "Microsoft Office",
    # Video and sound.
    b"\x1a\x45\xdf\xa3": "Matroska",
    b"OggS": "Ogg",
    b"ID3": "MP3",
    # Archives, and what macOS writes beside a file whose name it gives two characters more.
    b"PK\x03\x04": "ZIP",
    b"\x1f\x8b": "GZIP",
    b"Rar!\x1a\x07": "RAR",
    b"7z\xbc\xaf\x27\x1c": "7z",
    b"\x00\x05\x16\x07": "AppleDouble",
}

_RIFF: Mapping[bytes, str] = {b"AVI ": "AVI", b"WAVE": "WAV"}

# The boxes that QuickTime files begin with if they have no `ftyp`.
_QUICKTIME_BOXES = {b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot"}
_HEIF_BRANDS = {b"mif1", b"mif2", b"msf1"}
_QUICKTIME_BRAND = b"qt  "

# What may come before the first element: a byte order mark, white space, declarations and comments. No repetition is
# tried a second time (`*+`), so that the time is limited.
_ELEMENT = re.compile(
    rb"(?:\xef\xbb\xbf)?(?:\s|<\?.*?\?>|<!--.*?-->|<!doctype\s[^<>\[]*(?:\[[^\]]*\]\s*)?>)*+<(?:[a-z]+:)?([a-z]+)",
    re.IGNORECASE | re.DOTALL,
)
_ELEMENTS: Mapping[bytes, str] = {b"svg": "SVG", b"html": "HTML", b"head": "HTML", b"body": "HTML"}
_PAGE = re.compile(rb"(?:\xef\xbb\xbf)?\s*+<!doctype\s+html", re.IGNORECASE)
_NETPBM = re.compile(rb"P[1-7F][\s#]")


def name_of_unsupported(head: bytes) -> str | None:
    """Return the name of a file's type if it is a known one that no format reads.

    `head`: the first `RECOGNITION_BYTES` bytes, or all of a shorter file.
    """
    # The length of a first box can look like the start of an icon.
    return _boxes_name(head) or _start_name(head) or _riff_name(head) or _text_name(head)


def _start_name(head: bytes) -> str | None:
    return next((name for start, name in _STARTS.items() if head.startswith(start)), None)


def _boxes_name(head: bytes) -> str | None:
    brands = brands_of(head)
    if brands & _HEIF_BRANDS:
        # It does not say how it is coded.
        return "HEIF"
    if brands:
        return "QuickTime" if _QUICKTIME_BRAND in brands else "MP4"
    return "QuickTime" if head[4:8] in _QUICKTIME_BOXES else None


def _riff_name(head: bytes) -> str | None:
    return _RIFF.get(head[8:12]) if head.startswith(b"RIFF") else None


def _text_name(head: bytes) -> str | None:
    if _PAGE.match(head):
        return "HTML"
    if found := _ELEMENT.match(head):
        return _ELEMENTS.get(found[1].lower(), "XML" if b"<?xml" in head[:8] else None)
    if b"<?xml" in head[:8]:
        return "XML"
    return "Netpbm" if _NETPBM.match(head) else None
