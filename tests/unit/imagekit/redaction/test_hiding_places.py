"""Nothing of what cameras and editors hide in a photograph passes: each place with a file of its own."""

import base64
import struct
from collections.abc import Callable, Mapping

import pytest
from PIL import ExifTags, Image, PngImagePlugin, TiffImagePlugin
from tests.unit.heif_files import size, with_gain_map
from tests.unit.imagekit.operations.making import read
from tests.unit.imagekit.redaction.redacting import face
from tests.unit.pictures import encoded, four_corners, heic

from imagekit.redaction.make import redact_image
from safelight_contracts.redaction.redact import Redact

SECRET = b"the secret of this place"
XMP = b"http://ns.adobe.com/xap/1.0/\0"
EXTENDED_XMP = b"http://ns.adobe.com/xmp/extension/\0"
PICTURE = four_corners(96, 64)
PLAIN = encoded(PICTURE, "JPEG")
SECRET_PICTURE = encoded(Image.new("RGB", (16, 16), "red"), "JPEG", comment=SECRET)
FILM = (
    struct.pack(">I", 24) + b"ftypmp42" + bytes(4) + b"mp42isom" + struct.pack(">I", 8 + len(SECRET)) + b"mdat" + SECRET
)


def with_segments(*segments: tuple[int, bytes]) -> bytes:
    """Put segments behind the start of a JPEG."""
    written = [bytes((0xFF, marker)) + struct.pack(">H", 2 + len(content)) + content for marker, content in segments]
    return PLAIN[:2] + b"".join(written) + PLAIN[2:]


def exif_with_thumbnail() -> bytes:
    """Make EXIF data whose second directory is a JPEG of 16 x 16 pixels (Exif 2.32, 4.5.5)."""
    entries = [(0x0103, 3, 6), (0x0201, 4, 8 + 2 + 4 + 2 + 3 * 12 + 4), (0x0202, 4, len(SECRET_PICTURE))]
    second = struct.pack("<H", len(entries)) + b"".join(
        struct.pack("<HHI", tag, kind, 1) + struct.pack("<I", value) for tag, kind, value in entries
    )
    return b"Exif\0\0II*\0" + struct.pack("<IHI", 8, 0, 14) + second + bytes(4) + SECRET_PICTURE


def multi_picture() -> bytes:
    """Make two JPEGs with the index of CIPA DC-007, which says where the second one is."""
    entry = struct.pack("<IIIHH", 0x030000, len(PLAIN), 0, 0, 0)
    other = struct.pack("<IIIHH", 0x000000, len(SECRET_PICTURE), len(PLAIN), 0, 0)
    index = b"MPF\0II*\0" + struct.pack("<IH", 8, 2)
    index += struct.pack("<HHII", 0xB001, 4, 1, 2) + struct.pack("<HHII", 0xB002, 7, 32, 8 + 2 + 24 + 4) + bytes(4)
    return with_segments((0xE2, index + entry + other)) + SECRET_PICTURE


def gain_map() -> bytes:
    """Make an Ultra HDR file: the gain map is a second JPEG, and XMP says so."""
    told = b'<rdf:Description hdrgm:Version="1.0"><Container:Directory Item:Semantic="GainMap"/></rdf:Description>'
    return with_segments((0xE1, XMP + told), (0xE2, b"urn:iso:std:iso:ts:21496:-1\0" + bytes(4))) + SECRET_PICTURE


def depth_map() -> bytes:
    """Make a file with Google's depth map, which is Base64 in extended XMP."""
    depth = b'<rdf:Description GDepth:Data="' + base64.b64encode(SECRET_PICTURE) + SECRET + b'"/>'
    head = EXTENDED_XMP + b"0" * 32 + struct.pack(">II", len(depth), 0)
    return with_segments((0xE1, XMP + b'<x xmpNote:HasExtendedXMP="0"/>' + SECRET), (0xE1, head + depth))


def motion_photo() -> bytes:
    """Make a file with a film behind its end, as phones do."""
    told = f'<rdf:Description GCamera:MotionPhoto="1" GCamera:MicroVideoOffset="{len(FILM)}"/>'.encode()
    return with_segments((0xE1, XMP + told)) + FILM


def maker_note() -> bytes:
    data = Image.Exif()
    data.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.MakerNote] = SECRET
    return encoded(PICTURE, "JPEG", exif=data)


def place() -> bytes:
    data = Image.Exif()
    data.get_ifd(ExifTags.IFD.GPSInfo).update(
        {ExifTags.GPS.GPSLatitude: (52.0, 31.0, 0.0), ExifTags.GPS.GPSAreaInformation: SECRET}
    )
    return encoded(PICTURE, "JPEG", exif=data)


def png_chunks() -> bytes:
    data, text = Image.Exif(), PngImagePlugin.PngInfo()
    data[ExifTags.Base.ImageDescription] = SECRET.decode()
    text.add_text("Comment", SECRET.decode())
    text.add_itxt("XML:com.adobe.xmp", SECRET.decode())
    text.add(b"prVt", SECRET, after_idat=True)
    return encoded(PICTURE, "PNG", exif=data, pnginfo=text)


def webp_chunks() -> bytes:
    data = Image.Exif()
    data[ExifTags.Base.ImageDescription] = SECRET.decode()
    return encoded(PICTURE, "WEBP", exif=data, xmp=SECRET)


def tiff_tags() -> bytes:
    tags = TiffImagePlugin.ImageFileDirectory_v2()
    for tag in (270, 305, 315, 33432, 50_000):
        tags[tag] = SECRET.decode()
    tags.tagtype[700], tags[700] = 1, SECRET
    return encoded(PICTURE, "TIFF", tiffinfo=tags)


def heif_gain_map() -> bytes:
    """Make a HEIC whose second, hidden picture is a gain map."""
    gain = heic("37x21_of_64x64")
    return with_gain_map(heic("orientation_1"), gain, size=size(240, 160)) + SECRET


HIDING_PLACES: Mapping[str, Callable[[], bytes]] = {
    "EXIF thumbnail": lambda: with_segments((0xE1, exif_with_thumbnail())),
    "maker note": maker_note,
    "place": place,
    "XMP": lambda: with_segments((0xE1, XMP + SECRET)),
    "IPTC": lambda: with_segments((0xED, b"Photoshop 3.0\x008BIM\x04\x04\0\0\0\0\0\x18" + SECRET)),
    "comment": lambda: encoded(PICTURE, "JPEG", comment=SECRET),
    "multi-picture format": multi_picture,
    "gain map": gain_map,
    "depth map": depth_map,
    "motion photo": motion_photo,
    "bytes behind the end": lambda: PLAIN + SECRET,
    "chunks of a PNG": png_chunks,
    "chunks of a WebP": webp_chunks,
    "tags of a TIFF": tiff_tags,
    "gain map of a HEIC": heif_gain_map,
}


@pytest.mark.parametrize("name", HIDING_PLACES)
def test_nothing_of_a_hiding_place_is_in_the_redacted_file(name: str) -> None:
    data = HIDING_PLACES[name]()
    assert SECRET in data
    made = redact_image(read(data), boxes=[face(0.1, 0.1, 0.3, 0.3)], redact=Redact()).data
    assert SECRET not in made
    assert base64.b64encode(SECRET_PICTURE)[:40] not in made
    assert not [it for it in (b"Exif", b"ns.adobe.com", b"MPF\0", b"GDepth", b"hdrgm", b"ftyp", b"21496") if it in made]
