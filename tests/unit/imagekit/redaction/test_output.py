"""The file is made of the redacted pixels alone."""

from io import BytesIO

import numpy as np
import pytest
from PIL import Image, ImageCms, JpegImagePlugin, PngImagePlugin
from tests.unit.imagekit.operations.making import array_of, noise, read, smooth
from tests.unit.imagekit.redaction.redacting import face
from tests.unit.pictures import ORIENTATIONS, decoded, encoded, exif, four_corners, heic, photograph
from tests.unit.robustness.samples import SAMPLES

from imagekit.decoding.decode import decode
from imagekit.formats.inspection import inspect_header
from imagekit.redaction.make import redact_image
from imagekit.redaction.output import WRITTEN_AS
from imagekit.redaction.redacted import RedactedImage
from imagekit.rejection import ImageFault, ImageRejected
from imagekit.source import BytesSource
from safelight_contracts.image_types import ImageType
from safelight_contracts.redaction.boxes import Box
from safelight_contracts.redaction.redact import Redact
from safelight_contracts.redaction.styles import Style

TOP_LEFT = face(0.05, 0.05, 0.3, 0.3)
SINGLE = [name for name in SAMPLES if "animated" not in name]
SECRET = b"SECRET-SECRET-SECRET"
TELLTALES = (b"Exif", b"SECRET", b"http://ns.adobe.com", b"xpacket", b"MPF", b"ftypmp4", b"Photoshop", b"urn:iso")


def redact(data: bytes, *boxes: Box, style: Style = Style.FILL) -> RedactedImage:
    return redact_image(read(data), boxes=boxes, redact=Redact(style=style))


def segment(marker: int, content: bytes) -> bytes:
    return bytes([0xFF, marker]) + (len(content) + 2).to_bytes(2, "big") + content


def telling_jpeg() -> bytes:
    """Make a JPEG with a thumbnail, XMP with a gain map's directory, MPF, IPTC, a comment, and files behind its end."""
    data = exif(orientation=1)
    data.get_ifd(1).update({259: 6, 513: 0, 514: len(SECRET)})
    bare = encoded(four_corners(96, 64), "JPEG", quality=95, exif=data, icc_profile=b"", comment=SECRET)
    extra = [
        segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0<?xpacket begin?><GainMap>" + SECRET),
        segment(0xE2, b"MPF\0" + SECRET),
        segment(0xE2, b"urn:iso:std:iso:ts:21496:-1\0" + SECRET),
        segment(0xED, b"Photoshop 3.0\08BIM" + SECRET),
    ]
    second = encoded(four_corners(96, 64), "JPEG", comment=SECRET)
    return bare[:2] + b"".join(extra) + bare[2:] + second + b"\0\0\0\x18ftypmp42" + SECRET


@pytest.mark.parametrize("orientation", ORIENTATIONS)
@pytest.mark.parametrize("image_type", ["JPEG", "PNG", "WEBP", "TIFF"])
def test_what_is_in_a_box_is_covered_whatever_the_orientation(image_type: str, orientation: int) -> None:
    # A red square, upright at the upper right, on grey.
    shown = Image.new("RGB", (240, 160), (128, 128, 128))
    shown.paste((255, 0, 0), (180, 20, 220, 60))
    turns = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }
    stored = shown.transpose(turns[orientation]) if orientation in turns else shown
    data = encoded(stored, image_type, exif=exif(orientation=orientation), quality=95)
    made = redact(data, face(180 / 240, 20 / 160, 40 / 240, 40 / 160))
    pixels = np.asarray(decoded(made.data).convert("RGB"), int)
    assert np.abs(pixels - 128).max() < 12
    assert Image.open(BytesIO(made.data)).getexif().get(274, 1) == 1


@pytest.mark.parametrize("name", SINGLE)
@pytest.mark.parametrize("style", Style)
def test_each_type_is_written_as_itself_or_as_the_nearest_type(name: str, style: Style) -> None:
    source = inspect_header(BytesSource(SAMPLES[name]))
    made = redact(SAMPLES[name], TOP_LEFT, style=style)
    header = inspect_header(BytesSource(made.data))
    assert header.type is made.type is WRITTEN_AS[source.type]
    assert (header.width, header.height) == (made.width, made.height) == (source.width, source.height)
    assert header.orientation == 1


def test_every_type_is_written() -> None:
    assert set(WRITTEN_AS) == set(ImageType)


@pytest.mark.parametrize("name", SINGLE)
def test_no_metadata_of_the_source_is_in_the_file(name: str) -> None:
    made = redact(SAMPLES[name], TOP_LEFT)
    assert not [telltale for telltale in TELLTALES if telltale in made.data]


def test_nothing_that_hides_in_a_jpeg_is_in_the_file() -> None:
    data = telling_jpeg()
    assert data.count(b"SECRET") >= 7
    made = redact(data, TOP_LEFT)
    assert not [telltale for telltale in TELLTALES if telltale in made.data]
    assert made.data.endswith(b"\xff\xd9")
    assert made.data.count(b"\xff\xd8\xff") == 1


@pytest.mark.parametrize("image_type", ["PNG", "WEBP", "TIFF", "AVIF"])
def test_no_bytes_behind_the_end_are_in_the_file(image_type: str) -> None:
    made = redact(photograph(width=96, height=64, image_type=image_type) + SECRET, TOP_LEFT)
    assert SECRET not in made.data


def test_no_text_of_a_png_is_in_the_file() -> None:
    text = PngImagePlugin.PngInfo()
    text.add_text("Author", SECRET.decode())
    text.add_itxt("XML:com.adobe.xmp", "xpacket " + SECRET.decode())
    made = redact(encoded(four_corners(96, 64), "PNG", pnginfo=text), TOP_LEFT)
    assert not [telltale for telltale in TELLTALES if telltale in made.data]


@pytest.mark.parametrize("image_type", ["JPEG", "PNG", "WEBP", "TIFF", "AVIF"])
def test_a_file_with_a_profile_gets_that_of_its_pixels_and_none_of_the_bytes_of_the_sources(image_type: str) -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    with_secret = profile.replace(b"sRGB", b"SECR")
    made = redact(encoded(four_corners(96, 64), image_type, icc_profile=with_secret), TOP_LEFT)
    written = Image.open(BytesIO(made.data)).info["icc_profile"]
    assert b"SECR" not in written
    assert ImageCms.getProfileDescription(ImageCms.ImageCmsProfile(BytesIO(written))).startswith("sRGB")


@pytest.mark.parametrize("image_type", ["JPEG", "PNG", "WEBP", "TIFF", "AVIF"])
def test_a_file_without_a_profile_gets_none(image_type: str) -> None:
    made = redact(encoded(four_corners(96, 64), image_type), TOP_LEFT)
    assert not Image.open(BytesIO(made.data)).info.get("icc_profile")


@pytest.mark.parametrize("image_type", ["JPEG", "PNG", "TIFF"])
def test_the_resolution_is_kept(image_type: str) -> None:
    made = redact(encoded(four_corners(96, 64), image_type, dpi=(300, 300)), TOP_LEFT)
    assert tuple(round(one) for one in Image.open(BytesIO(made.data)).info["dpi"]) == (300, 300)


def test_the_resolution_is_turned_with_the_image() -> None:
    data = encoded(four_corners(96, 64), "JPEG", dpi=(300, 200), exif=exif(orientation=6))
    assert Image.open(BytesIO(redact(data, TOP_LEFT).data)).info["dpi"] == (200, 300)


@pytest.mark.parametrize(
    ("image_type", "options"), [("PNG", {}), ("TIFF", {}), ("BMP", {}), ("WEBP", {"lossless": True})]
)
def test_lossless_stays_lossless(image_type: str, options: dict[str, bool]) -> None:
    pixels = noise(61, 43)
    made = redact(encoded(Image.fromarray(pixels), image_type, **options), TOP_LEFT)
    after = np.asarray(decoded(made.data).convert("RGB"))
    assert np.array_equal(after[24:], pixels[24:])
    assert np.array_equal(after[:, 36:], pixels[:, 36:])
    assert not np.array_equal(after[:16, :20], pixels[:16, :20])


@pytest.mark.parametrize("image_type", ["PNG", "WEBP", "TIFF", "AVIF"])
def test_transparency_is_kept_outside_boxes(image_type: str) -> None:
    picture = four_corners(96, 64).convert("RGBA")
    picture.putalpha(0)
    made = redact(encoded(picture, image_type), TOP_LEFT)
    alpha = np.asarray(decoded(made.data).convert("RGBA"))[..., 3]
    assert alpha[40:, 60:].max() == 0
    assert alpha[6:20, 8:30].min() > 250


@pytest.mark.parametrize("subsampling", ["4:4:4", "4:2:0"])
def test_a_jpeg_keeps_how_many_pixels_share_a_colour(subsampling: str) -> None:
    made = redact(encoded(four_corners(96, 64), "JPEG", subsampling=subsampling), TOP_LEFT)
    with Image.open(BytesIO(made.data)) as image:
        assert JpegImagePlugin.get_sampling(image) == {"4:4:4": 0, "4:2:0": 2}[subsampling]


@pytest.mark.parametrize("image_type", ["JPEG", "WEBP", "AVIF"])
def test_a_lossy_file_looks_like_its_source_outside_boxes(image_type: str) -> None:
    data = encoded(Image.fromarray(smooth(200, 160)), image_type, quality=90)
    made = array_of(redact(data, TOP_LEFT).data).astype(int)
    assert np.abs(made - array_of(data).astype(int))[80:, 100:].mean() < 2.5


@pytest.mark.parametrize("mode", ["I;16", "CMYK", "L", "P", "1"])
def test_deep_grey_and_cmyk_images_are_covered(mode: str) -> None:
    picture = Image.fromarray(noise(80, 60)[..., 0]) if mode in ("L", "1") else Image.fromarray(noise(80, 60))
    if mode == "I;16":
        picture = Image.fromarray(noise(80, 60)[..., 0].astype(np.uint16) * 257)
    data = encoded(picture if picture.mode == mode else picture.convert(mode), "TIFF")
    made = np.asarray(decoded(redact(data, face(0, 0, 1, 1)).data).convert("RGB"))
    assert len(np.unique(made.reshape(-1, 3), axis=0)) == 1


@pytest.mark.parametrize("name", ["animated GIF", "animated WEBP"])
def test_an_animation_is_rejected_because_only_one_picture_would_be_redacted(name: str) -> None:
    with pytest.raises(ImageRejected) as rejected:
        redact(SAMPLES[name], TOP_LEFT)
    assert rejected.value.reason is ImageFault.UNSUPPORTED_TYPE
    assert rejected.value.detail["problem"] == "only single pictures can be redacted"


def test_a_tiff_of_two_pages_is_rejected() -> None:
    data = encoded(four_corners(96, 64), "TIFF", save_all=True, append_images=[four_corners(96, 64)])
    with pytest.raises(ImageRejected) as rejected:
        redact(data, TOP_LEFT)
    assert rejected.value.detail["frames"] == 2


def test_a_truncated_file_is_rejected_and_not_written() -> None:
    with pytest.raises(ImageRejected) as rejected:
        redact(SAMPLES["JPEG"][:-300], TOP_LEFT)
    assert rejected.value.reason is ImageFault.UNREADABLE_IMAGE


def test_an_image_without_boxes_is_written_anew_too() -> None:
    made = redact(telling_jpeg())
    assert not [telltale for telltale in TELLTALES if telltale in made.data]
    assert np.abs(array_of(made.data).astype(int) - np.asarray(four_corners(96, 64), int)).mean() < 5


def test_a_heic_becomes_a_jpeg_that_is_upright() -> None:
    data = heic("orientation_6")
    made = redact(data, TOP_LEFT)
    source = read(data)
    shown = np.asarray(decode(data, header=source.header).upright_picture().convert("RGB"), int)
    assert made.type is ImageType.JPEG
    assert np.abs(np.asarray(decoded(made.data), int)[100:, 130:] - shown[100:, 130:]).max() < 40
