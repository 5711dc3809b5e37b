"""Renditions that keep artist and copyright hold these, and nothing else of their upload's metadata."""

import struct
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import ExifTags, Image
from tests.unit.pictures import decoded, encoded, four_corners
from tests.unit.raw_pictures import text, tiff

from imagekit.decoding.limits import inspect
from imagekit.formats.inspection import inspect_header
from imagekit.rendering.render import render
from imagekit.sandbox.images import render_in_sandbox
from imagekit.source import BytesSource
from safelight_contracts.image_types import WRITABLE_TYPES, ImageType
from safelight_contracts.limits import Limits
from safelight_contracts.renditions import ChromaSubsampling, Metadata, Rendition, Ssim
from safelight_contracts.watermarks import Watermark

ARTIST, COPYRIGHT = 315, 33432
TAGS = {Metadata.ARTIST: ARTIST, Metadata.COPYRIGHT: COPYRIGHT}
STORED = {ARTIST: "Zoë Example\0".encode(), COPYRIGHT: "© 2026 Zoë\0An editor\0".encode()}
BOTH = list(Metadata)
# EXIF's structure as Pillow writes it, and as the tests write it.
STARTS = {b"MM\0*": ">", b"II*\0": "<"}


def private(**options: Any) -> Image.Exif:
    """Make EXIF data with artist and copyright, and with much that no rendition may hold."""
    exif = Image.Exif()
    for number, content in STORED.items():
        exif[number] = content.removesuffix(b"\0")
    exif[ExifTags.Base.Orientation] = options.get("orientation", 1)
    exif[ExifTags.Base.ImageDescription] = "SECRET"
    exif[ExifTags.Base.Make] = "SECRET"
    exif.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.UserComment] = b"SECRET"
    exif.get_ifd(ExifTags.IFD.GPSInfo)[ExifTags.GPS.GPSLatitudeRef] = "N"
    exif.get_ifd(ExifTags.IFD.GPSInfo)[ExifTags.GPS.GPSLatitude] = (52.0, 31.0, 0.0)
    return exif


def upload(image_type: str = "JPEG", **options: Any) -> bytes:
    return encoded(four_corners(120, 80), image_type, exif=private(**options))


def rendered(data: bytes, **arguments: Any) -> bytes:
    rendition = Rendition(name="a", **{"width": 60, **arguments})
    return render(data, header=inspect(data, limits=Limits()), renditions=[rendition])[0].data


def tags_of(file: bytes) -> dict[int, bytes]:
    """Read all tags of a file's EXIF data, and check that the file has no other directory."""
    starts = [(file.index(start), order) for start, order in STARTS.items() if start in file]
    if not starts:
        return {}
    ((at, order),) = starts
    exif = file[at:]
    (first,) = struct.unpack(f"{order}4xI", exif[:8])
    (count,) = struct.unpack_from(f"{order}H", exif, first)
    tags = {}
    for number in range(count):
        tag, kind, length, where = struct.unpack_from(f"{order}HHII", exif, first + 2 + 12 * number)
        # Text that does not fit into four bytes. Nothing else, such as a link to another directory.
        assert (kind, length > 4) == (2, True)
        tags[tag] = exif[where : where + length]
    assert struct.unpack_from(f"{order}I", exif, first + 2 + 12 * count) == (0,)
    return tags


@pytest.mark.parametrize("image_type", WRITABLE_TYPES)
@pytest.mark.parametrize("source", ["JPEG", "PNG", "WEBP", "AVIF", "TIFF"])
def test_a_rendition_keeps_artist_and_copyright_and_nothing_else(source: str, image_type: ImageType) -> None:
    file = rendered(upload(source), type=image_type, keep=BOTH)
    assert tags_of(file) == STORED
    # And as Pillow reads it, with every directory.
    exif = decoded(file).getexif()
    assert set(exif) == set(STORED)
    assert not exif.get_ifd(ExifTags.IFD.GPSInfo)
    assert not exif.get_ifd(ExifTags.IFD.Exif)
    assert b"SECRET" not in file


@pytest.mark.parametrize("image_type", WRITABLE_TYPES)
@pytest.mark.parametrize("kept", Metadata)
def test_a_rendition_keeps_only_what_it_names(image_type: ImageType, kept: Metadata) -> None:
    file = rendered(upload(), type=image_type, keep=[kept])
    assert tags_of(file) == {TAGS[kept]: STORED[TAGS[kept]]}


@pytest.mark.parametrize("image_type", WRITABLE_TYPES)
def test_a_rendition_that_keeps_nothing_has_no_exif_data(image_type: ImageType) -> None:
    file = rendered(upload(), type=image_type)
    assert tags_of(file) == {}
    assert not decoded(file).getexif()


@pytest.mark.parametrize("image_type", WRITABLE_TYPES)
def test_an_upload_without_credits_gives_the_same_file_as_without_keeping(image_type: ImageType) -> None:
    bare = encoded(four_corners(120, 80), "JPEG")
    assert rendered(bare, type=image_type, keep=BOTH) == rendered(bare, type=image_type)


@pytest.mark.parametrize("image_type", WRITABLE_TYPES)
def test_keeping_changes_no_pixel(image_type: ImageType) -> None:
    sideways = upload(orientation=6)
    kept, bare = (decoded(rendered(sideways, type=image_type, keep=keep)) for keep in (BOTH, []))
    assert kept.size == bare.size == (60, 90)
    assert kept.tobytes() == bare.tobytes()


@pytest.mark.parametrize(
    "arguments",
    [
        {"watermark": Watermark.text("Example")},
        {"width": 400, "height": 400, "enlarge": True, "invisible_watermark": "photo-1"},
        {"target": Ssim(0.95)},
        {"target": Ssim(0.95), "type": ImageType.WEBP},
        {"target": Ssim(0.95), "type": ImageType.AVIF},
        {"quality": 95, "chroma_subsampling": ChromaSubsampling.YUV_422},
    ],
)
def test_every_kind_of_rendition_keeps_them(arguments: dict[str, Any]) -> None:
    data = encoded(Image.effect_noise((600, 600), 60).convert("RGB"), "JPEG", exif=private())
    assert tags_of(rendered(data, keep=BOTH, **arguments)) == STORED


@pytest.mark.parametrize("keep", [BOTH, []])
def test_an_animation_keeps_them(keep: list[Metadata]) -> None:
    first, *others = [Image.new("RGBA", (120, 80), (*color, 120)) for color in ((220, 30, 30), (30, 180, 30))]
    data = encoded(first, "WEBP", save_all=True, append_images=others, duration=200, exif=private())
    file = rendered(data, type=ImageType.WEBP, animated=True, keep=keep)
    assert tags_of(file) == (STORED if keep else {})
    assert b"SECRET" not in file
    shown = decoded(file)
    assert (getattr(shown, "n_frames", 1), shown.mode) == (2, "RGBA")


def test_renditions_of_one_size_keep_what_each_of_them_names() -> None:
    data = upload()
    asked = [
        Rendition(name="both", width=60, keep=BOTH),
        Rendition(name="artist", width=60, keep=[Metadata.ARTIST]),
        Rendition(name="none", width=60),
    ]
    made = render(data, header=inspect(data, limits=Limits()), renditions=asked)
    assert [sorted(tags_of(image.data)) for image in made] == [[ARTIST, COPYRIGHT], [ARTIST], []]


def test_nothing_of_one_upload_is_in_a_rendition_of_the_next() -> None:
    asked = [Rendition(name="a", width=60, keep=BOTH)]
    for artist in ("first", None, "third"):
        exif = tiff(*([] if artist is None else [text(ARTIST, artist)]))
        data = encoded(four_corners(120, 80), "JPEG", exif=b"Exif\0\0" + exif)
        header = inspect(data, limits=Limits())
        (image,) = render_in_sandbox(data, header=header, renditions=asked, limits=Limits())
        assert tags_of(image.data) == ({} if artist is None else {ARTIST: artist.encode() + b"\0"})


@given(artist=st.text(st.characters(codec="utf-8"), min_size=4), notice=st.text(st.characters(codec="utf-8")))
@settings(max_examples=50)
def test_what_a_rendition_keeps_is_what_its_upload_says(artist: str, notice: str) -> None:
    exif = tiff(text(ARTIST, artist), text(COPYRIGHT, notice))
    data = encoded(four_corners(24, 16), "PNG", exif=exif)
    kept = inspect_header(BytesSource(rendered(data, type=ImageType.PNG, keep=BOTH))).photo_metadata
    said = inspect_header(BytesSource(data)).photo_metadata
    assert kept == said
