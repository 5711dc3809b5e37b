"""Files of other types: the rejection names the type."""

import struct
import zipfile
from io import BytesIO

import numpy as np
import pytest
import tifffile
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.pictures import encoded, four_corners
from tests.unit.raw_pictures import dng

from imagekit.formats.format import RECOGNITION_BYTES
from imagekit.formats.inspection import inspect_header
from imagekit.formats.unsupported import name_of_unsupported
from imagekit.rejection import ImageFault, ImageRejected
from imagekit.source import BytesSource

PICTURE = four_corners(40, 30)


def written_by_pillow(image_type: str) -> bytes:
    return encoded(PICTURE, image_type)


def an_archive() -> bytes:
    file = BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("photo.jpg", b"a photo")
    return file.getvalue()


def box(kind: bytes, content: bytes, *, length: int | None = None) -> bytes:
    return struct.pack(">I", 8 + len(content) if length is None else length) + kind + content


def raw_with_compression(number: int) -> bytes:
    data = dng(PICTURE)
    return data.replace(struct.pack("<HHIHH", 259, 3, 1, 1, 0), struct.pack("<HHIHH", 259, 3, 1, number, 0))


def lab_tiff(*, bits: int, photometric: int = 8) -> bytes:
    file = BytesIO()
    samples = np.zeros((8, 8, 3), f"u{bits // 8}")
    tifffile.imwrite(file, samples, photometric="rgb")
    rgb, lab = (struct.pack("<HHIHH", 262, 3, 1, number, 0) for number in (2, photometric))
    return file.getvalue().replace(rgb, lab)


SVG = b"<svg xmlns='http://www.w3.org/2000/svg'/>"
FILES = {
    "JPEG XL": [b"\xff\x0a" + bytes(3000), b"\0\0\0\x0cJXL \r\n\x87\n\0\0\0\x14ftypjxl \0\0\0\0jxl "],
    "JPEG XR": [b"II\xbc\1\x20\0\0\0"],
    "JPEG-LS": [b"\xff\xd8\xff\xf7\0\x0b\x08\0\x10\0\x10\1\1\x11\0"],
    "CRW": [b"II\x1a\0\0\0HEAPCCDR\2\0\1\0"],
    "MRW": [b"\0MRM\0\0\x92\x04"],
    "X3F": [b"FOVb\0\0\2\0"],
    "GPR": [raw_with_compression(9)],
    "DNG with JPEG XL": [raw_with_compression(52546)],
    "16-bit Lab TIFF": [lab_tiff(bits=16)],
    "8-bit ICC Lab TIFF": [lab_tiff(bits=8, photometric=9)],
    "8-bit ITU Lab TIFF": [lab_tiff(bits=8, photometric=10)],
    "PNG for iOS": [written_by_pillow("PNG")[:8] + b"\0\0\0\4CgBI" + bytes(200)],
    "PSD": [b"8BPS\0\1" + bytes(6), b"8BPS\0\2" + bytes(6)],
    "PDF": [written_by_pillow("PDF")],
    "PostScript": [written_by_pillow("EPS")],
    "ICO": [written_by_pillow("ICO")],
    "DDS": [written_by_pillow("DDS")],
    "Netpbm": [written_by_pillow("PPM"), b"P5 2 2 255 \0\0\0\0", b"Pf\n2 2\n-1.0\n"],
    "PCX": [written_by_pillow("PCX"), encoded(PICTURE.convert("1"), "PCX"), encoded(PICTURE.convert("L"), "PCX")],
    "TGA": [
        written_by_pillow("TGA"),
        encoded(PICTURE, "TGA", compression="tga_rle"),
        encoded(PICTURE.convert("RGBA"), "TGA"),
        encoded(PICTURE.convert("L"), "TGA"),
        encoded(PICTURE.convert("P"), "TGA"),
    ],
    "SGI": [written_by_pillow("SGI")],
    "ICNS": [written_by_pillow("ICNS")],
    "XPM": [b"/* XPM */\nstatic char *a[] = {"],
    "Sun raster": [b"\x59\xa6\x6a\x95\0\0\0\1"],
    "WMF": [b"\xd7\xcd\xc6\x9a\0\0"],
    "EMF": [struct.pack("<II", 1, 108) + bytes(32) + b" EMF" + bytes(60)],
    "DICOM": [bytes(128) + b"DICM\2\0\0\0UL"],
    "DPX": [b"SDPX\0\0\x20\0V2.0", b"XPDS\0\x20\0\0V2.0"],
    "Cineon": [b"\x80\x2a\x5f\xd7\0\0\4\0"],
    "ILBM": [b"FORM\0\0\1\0ILBMBMHD"],
    "JBIG2": [b"\x97JB2\r\n\x1a\n\1"],
    "KTX": [b"\xabKTX 11\xbb\r\n\x1a\n", b"\xabKTX 20\xbb\r\n\x1a\n"],
    "farbfeld": [b"farbfeld\0\0\0\1\0\0\0\1"],
    "ANI": [b"RIFF\0\1\0\0ACONanih"],
    "CUR": [b"\0\0\2\0\1\0\x20\x20\0\0\1\0\1\0\x30\1\0\0\x16\0\0\0"],
    "OpenEXR": [b"v/1\x01\2\0\0\0"],
    "Radiance HDR": [b"#?RADIANCE\nFORMAT=32-bit_rle_rgbe\n"],
    "FLIF": [b"FLIF31"],
    "QOI": [b"qoif\0\0\0\1\0\0\0\1\3\0"],
    "SVG": [
        SVG,
        b"\xef\xbb\xbf<?xml version='1.0'?>\n<!-- A <drawing>. -->\n" + SVG,
        b"<!DOCTYPE svg PUBLIC '-//W3C//DTD SVG 1.1//EN' 'svg11.dtd' [<!ENTITY a 'b'>]>" + SVG,
        b"<?xml version='1.0'?><svg:svg/>",
    ],
    "HTML": [b"<!doctype html><title>Not found</title>", b"\n<HTML><body>", b"<!-- A page. --><head>"],
    "XML": [b"<?xml version='1.0'?><Error><Code>AccessDenied</Code></Error>", b"<?xml version='1.0'?><!-- cut off"],
    "HEIF": [box(b"ftyp", b"mif1\0\0\0\0mif1")],
    "MP4": [box(b"ftyp", b"isom\0\0\0\1isommp42"), box(b"ftyp", b"mp42" + bytes(244))],
    "QuickTime": [box(b"ftyp", b"qt  \0\0\0\0qt  "), box(b"wide", b"") + box(b"mdat", b"", length=900)],
    "AVI": [b"RIFF\0\1\0\0AVI LIST"],
    "WAV": [b"RIFF\x24\0\0\0WAVEfmt "],
    "Matroska": [b"\x1a\x45\xdf\xa3\x9f\x42\x86\x81\1"],
    "ZIP": [an_archive()],
    "AppleDouble": [b"\0\5\x16\7\0\2\0\0Mac OS X"],
}


@pytest.mark.parametrize(("name", "data"), [(name, data) for name, files in FILES.items() for data in files])
def test_a_file_of_another_type_is_rejected_with_its_name(name: str, data: bytes) -> None:
    with pytest.raises(ImageRejected) as rejection:
        inspect_header(BytesSource(data))
    assert (rejection.value.reason, rejection.value.detail) == (ImageFault.UNSUPPORTED_TYPE, {"type": name})


@pytest.mark.parametrize(
    "data",
    [b"", b"hello", b"RIFF", b"<", b"<div>", b"<!doctype", b"PK", b"P1", b"\0\0\0\0ftyq", b"\x7f<?xml", bytes(512)],
)
def test_a_file_of_no_known_type_has_no_name(data: bytes) -> None:
    assert name_of_unsupported(data) is None


@given(
    st.sampled_from([b"", b"<?xml ", b"<!--", b" ", b"<!doctype ", b"<!doctype [", b"\0\0\0\x20ftyp"]),
    st.binary(max_size=RECOGNITION_BYTES),
)
def test_any_bytes_have_a_name_or_none(start: bytes, rest: bytes) -> None:
    name = name_of_unsupported((start + rest)[:RECOGNITION_BYTES])
    assert name is None or name.isprintable()


@pytest.mark.parametrize("repeated", [b" ", b"<!---->", b"<??>", b"<!-- ", b"<!doctype a>", b"<!doctype [", b"<a:"])
def test_the_search_for_the_first_element_ends(repeated: bytes) -> None:
    # A search that tries each repetition anew would not.
    assert name_of_unsupported((repeated * RECOGNITION_BYTES)[:RECOGNITION_BYTES]) is None
