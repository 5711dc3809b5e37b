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
    b"icns": "ICNS",
    b"\x97JB2\r\n\x1a\n": "JBIG2",
    b"\xabKTX ": "KTX",
    b"SDPX": "DPX",
    b"XPDS": "DPX",
    b"\x80\x2a\x5f\xd7": "Cineon",
    b"\x59\xa6\x6a\x95": "Sun raster",
    b"\xd7\xcd\xc6\x9a": "WMF",
    b"/* XPM */": "XPM",
    b"farbfeld": "farbfeld",
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

_RIFF: Mapping[bytes, str] = {b"AVI ": "AVI", b"WAVE": "WAV", b"ACON": "ANI"}

# Types whose name is short, missing or not at the start, and whose first fields hardly any other file has.
_FIELDS: Mapping[str, re.Pattern[bytes]] = {
    "ILBM": re.compile(rb"FORM.{4}(?:ILBM|PBM )", re.DOTALL),
    "EMF": re.compile(rb"\x01\x00\x00\x00.{36} EMF", re.DOTALL),
    "DICOM": re.compile(rb".{128}DICM", re.DOTALL),
    # Storage, bytes of a sample, dimensions.
    "SGI": re.compile(rb"\x01\xda[\x00\x01][\x01\x02]\x00[\x01-\x03]"),
    # ZSoft's: version, coding, bits of a plane; and, after the palette of 16 colours, planes.
    "PCX": re.compile(rb"\x0a[\x00\x02-\x05]\x01[\x01\x02\x04\x08].{60}\x00[\x01-\x04]", re.DOTALL),
    # Truevision's, without and with a palette: kind, first entry, bits of an entry; place and size; bits of a pixel.
    "TGA": re.compile(
        rb".(?:\x00[\x02\x03\x0a\x0b]\x00{5}|\x01[\x01\x09]\x00\x00..[\x0f\x10\x18\x20])"
        rb".{8}[\x08\x0f\x10\x18\x20][\x00-\x3f]",
        re.DOTALL,
    ),
}

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
_XML = re.compile(rb"(?:\xef\xbb\xbf)?\s*+<\?xml")
_NETPBM = re.compile(rb"P[1-7Ff][\s#]")


def name_of_unsupported(head: bytes) -> str | None:
    """Return the name of a file's type if it is a known one that no format reads.

    `head`: the first `RECOGNITION_BYTES` bytes, or all of a shorter file.
    """
    # The length of a first box, and a TGA, can look like the start of an icon.
    return _boxes_name(head) or _name_by_fields(head) or _start_name(head) or _riff_name(head) or _text_name(head)


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


def _name_by_fields(head: bytes) -> str | None:
    return next((name for name, fields in _FIELDS.items() if fields.match(head)), None)


def _riff_name(head: bytes) -> str | None:
    return _RIFF.get(head[8:12]) if head.startswith(b"RIFF") else None


def _text_name(head: bytes) -> str | None:
    if _PAGE.match(head):
        return "HTML"
    if found := _ELEMENT.match(head):
        return _ELEMENTS.get(found[1].lower(), "XML" if _XML.match(head) else None)
    if _XML.match(head):
        return "XML"
    return "Netpbm" if _NETPBM.match(head) else None
