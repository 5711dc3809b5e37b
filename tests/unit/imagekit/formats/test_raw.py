import struct
import sys
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from tests.unit.pictures import CORNERS, corners_of, decoded, encoded, four_corners, photograph
from tests.unit.raw_pictures import BYTE, LONG, SHORT, Tag, directory, dng, tag, tiff

from imagekit.decoding.limits import inspect
from imagekit.formats.header import Header
from imagekit.formats.inspection import inspect_header
from imagekit.rejection import ImageFault, ImageRejected
from imagekit.rendering.analysis import prepare_analysis_image
from imagekit.rendering.render import render
from imagekit.rendering.rendition import RenderedImage
from imagekit.source import FetchedSource
from safelight_contracts.image_types import ImageType
from safelight_contracts.limits import Limits
from safelight_contracts.renditions import Fit, Rendition

TILE = Rendition(name="tile", width=40, height=40, fit=Fit.COVER, type=ImageType.JPEG)
SCALED = Rendition(name="scaled", width=60, height=None, fit=Fit.INSIDE, type=ImageType.WEBP)
WHOLE = Rendition(name="whole", width=240, height=None, fit=Fit.INSIDE, type=ImageType.PNG)
IN_PLACE = {corner: corner for corner in CORNERS}
_STORED = {1: None, 6: Image.Transpose.ROTATE_90, 8: Image.Transpose.ROTATE_270}

THUMBNAIL = (tag(254, LONG, 1), tag(256, LONG, 160), tag(257, LONG, 120), tag(274, SHORT, 6))
SENSOR = (tag(254, LONG, 0), tag(256, LONG, 6048), tag(257, LONG, 4024), tag(262, SHORT, 32803))
EXIF_SIZE = (tag(40962, LONG, 5472), tag(40963, LONG, 3648))
BORDERS = (tag(4, SHORT, 8), tag(5, SHORT, 12), tag(6, SHORT, 3472), tag(7, SHORT, 4620))
HORIZONTAL = photograph(width=24, height=16, orientation=8)


def with_directory(
    pointer: int, *inner: Tag, outer: tuple[Tag, ...], start: bytes = b"II*\0", mark: bytes = b""
) -> bytes:
    """Make a file whose first directory points to another one behind it."""
    end = len(tiff(*outer, tag(pointer, LONG, 0), start=start, mark=mark))
    return tiff(*outer, tag(pointer, LONG, end), start=start, mark=mark) + directory(*inner, at=end)


def nef() -> bytes:
    """Make a file whose second of two further directories is that of the sensor's data, as Nikon has it."""
    outer = (*THUMBNAIL, tag(330, LONG, 0, 0))
    end = len(tiff(*outer))
    preview = directory(tag(254, LONG, 1), tag(256, LONG, 9000), tag(257, LONG, 9000), at=end)
    return (
        tiff(*THUMBNAIL, tag(330, LONG, end, end + len(preview))) + preview + directory(*SENSOR, at=end + len(preview))
    )


def raf(*sizes: tuple[int, int, int]) -> bytes:
    """Make a file with records of the number, width and height that are given, as Fujifilm has it."""
    head = b"FUJIFILMCCD-RAW ".ljust(84, b"0")
    records = struct.pack(">IHHI", len(sizes) + 1, 0x130, 4, 0)
    records += b"".join(struct.pack(">HHHH", number, 4, height, width) for number, width, height in sizes)
    preview = 100 + len(records)
    return head + struct.pack(">IIII", preview, len(HORIZONTAL), 100, len(records)) + records + HORIZONTAL


def box(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", 8 + len(content)) + kind + content


def cr3(*tags: Tag) -> bytes:
    metadata = bytes.fromhex("85c0b687820f11e08111f4ce462b6a48") + box(b"CNCV", b"Canon") + box(b"CMT1", tiff(*tags))
    brands = b"crx \0\0\0\1crx isom"
    return box(b"ftyp", brands) + box(b"moov", box(b"uuid", metadata)) + box(b"mdat", bytes(100))


# A header alone would be rejected for having so few bytes.
SENSOR_DATA = bytes(1000)
FULL = (tag(256, SHORT, 6000), tag(257, SHORT, 4000), tag(274, SHORT, 8))
FAMILIES: dict[str, tuple[bytes, tuple[int, int, int]]] = {
    "NEF": (nef(), (6048, 4024, 6)),
    "ARW": (with_directory(330, *SENSOR, outer=THUMBNAIL), (6048, 4024, 6)),
    "PEF": (tiff(*SENSOR), (6048, 4024, 1)),
    "DNG": (dng(four_corners(240, 160), orientation=3), (240, 160, 3)),
    "CR2": (with_directory(34665, *EXIF_SIZE, outer=(tag(274, SHORT, 8),), mark=b"CR\2\0\0\0\0\0"), (5472, 3648, 8)),
    "ORF": (with_directory(34665, *EXIF_SIZE, outer=(tag(274, SHORT, 1),), start=b"IIRO"), (5472, 3648, 1)),
    "RW2": (tiff(*BORDERS, tag(274, SHORT, 6), start=b"IIU\0"), (4608, 3464, 6)),
    "RAF": (raf((0x100, 6160, 4032), (0x111, 6000, 4000)), (6000, 4000, 8)),
    "RAF that is not cropped": (raf((0x100, 6160, 4032)), (6160, 4032, 8)),
    "CR3": (cr3(*FULL), (6000, 4000, 8)),
}


@pytest.mark.parametrize("family", FAMILIES)
def test_the_size_of_the_raw_data_is_read_instead_of_a_thumbnails(family: str) -> None:
    data, expected = FAMILIES[family]
    header = inspect(data + SENSOR_DATA, limits=Limits())
    assert header.type is ImageType.RAW
    assert (header.stored_width, header.stored_height, header.orientation) == expected


@pytest.mark.parametrize(
    "data",
    [
        with_directory(34665, *EXIF_SIZE, outer=THUMBNAIL),
        with_directory(330, *THUMBNAIL, outer=THUMBNAIL),
        tiff(tag(50706, BYTE, 1, 4, 0, 0)),
        tiff(tag(271, SHORT, 1), start=b"IIRO"),
        raf(),
        cr3(tag(274, SHORT, 1)),
    ],
    ids=["TIFF with a thumbnail first", "thumbnails alone", "DNG", "ORF", "RAF", "CR3"],
)
def test_a_file_without_a_size_of_raw_data_is_an_unsupported_type(data: bytes) -> None:
    with pytest.raises(ImageRejected) as rejection:
        inspect(data, limits=Limits())
    assert rejection.value.reason is ImageFault.UNSUPPORTED_TYPE


@pytest.mark.parametrize("family", FAMILIES)
def test_a_header_takes_few_fetches(family: str) -> None:
    data = FAMILIES[family][0] + bytes(300_000)
    fetches = []

    def fetch(offset: int, length: int) -> bytes:
        fetches.append(length)
        return data[offset : offset + length]

    inspect_header(FetchedSource(fetch, size=len(data)))
    assert len(fetches) <= 3


@given(st.sampled_from(sorted(FAMILIES)), st.integers(0, 400), st.integers(0, 400), st.integers(1, 255))
def test_a_broken_header_gives_a_header_or_a_rejection(family: str, end: int, at: int, value: int) -> None:
    data = bytearray(FAMILIES[family][0])
    data[at % len(data)] ^= value
    for broken in (bytes(data), bytes(data[:end])):
        try:
            header: Header = inspect(broken, limits=Limits())
        except ImageRejected:
            continue
        assert min(header.width, header.height) >= 1


def made(data: bytes, *renditions: Rendition) -> list[RenderedImage]:
    return render(data, header=inspect(data, limits=Limits()), renditions=renditions)


def stored(orientation: int) -> Image.Image:
    turn = _STORED[orientation]
    picture = four_corners(240, 160)
    return picture if turn is None else picture.transpose(turn)


@pytest.mark.parametrize("orientation", _STORED)
def test_sensor_data_is_developed_upright(orientation: int) -> None:
    tile, scaled, whole = made(dng(stored(orientation), orientation=orientation), TILE, SCALED, WHOLE)
    for image, size in ((tile, (40, 40)), (scaled, (60, 40)), (whole, (240, 160))):
        assert (corners_of(decoded(image.data)), decoded(image.data).size) == (IN_PLACE, size)


def blue_preview(width: int, height: int) -> bytes:
    return encoded(Image.new("RGB", (width, height), CORNERS["bottom left"]), "JPEG")


@pytest.mark.parametrize("rendition", [SCALED, WHOLE])
def test_a_preview_of_the_full_size_is_shown(rendition: Rendition) -> None:
    (image,) = made(dng(stored(6), orientation=6, preview=blue_preview(158, 238)), rendition)
    assert set(corners_of(decoded(image.data)).values()) == {"bottom left"}
    assert (image.width, image.height) == (rendition.width, rendition.width * 2 // 3)


@pytest.mark.parametrize("rendition", [SCALED, WHOLE])
@pytest.mark.parametrize("sides", [(120, 80), (240, 240), (2400, 1600)], ids=["small", "of another shape", "huge"])
def test_another_preview_is_never_shown_even_for_a_small_rendition(
    rendition: Rendition, sides: tuple[int, int]
) -> None:
    (image,) = made(dng(four_corners(240, 160), preview=blue_preview(*sides)), rendition)
    assert corners_of(decoded(image.data)) == IN_PLACE


def test_renditions_and_the_analysis_image_show_the_same_picture() -> None:
    for preview in (blue_preview(240, 160), blue_preview(120, 80), None):
        data = dng(four_corners(240, 160), preview=preview)
        (tile,) = made(data, TILE)
        prepared = prepare_analysis_image(data, header=inspect(data, limits=Limits()))
        assert corners_of(decoded(tile.data)) == corners_of(decoded(prepared.data))


def test_raw_data_of_another_size_than_the_header_says_is_unreadable() -> None:
    data = dng(four_corners(240, 160))
    header = Header(type=ImageType.RAW, stored_width=60, stored_height=40)
    with pytest.raises(ImageRejected) as rejection:
        render(data, header=header, renditions=[TILE])
    assert rejection.value.reason is ImageFault.UNREADABLE_IMAGE


@pytest.mark.parametrize("family", [name for name in FAMILIES if name != "DNG"])
def test_a_header_without_sensor_data_is_unreadable(family: str) -> None:
    with pytest.raises(ImageRejected) as rejection:
        made(FAMILIES[family][0] + SENSOR_DATA, TILE)
    assert rejection.value.reason is ImageFault.UNREADABLE_IMAGE


def test_without_its_decoder_camera_raw_is_an_unsupported_type(monkeypatch: pytest.MonkeyPatch) -> None:
    # None in its place makes an import fail as that of a package that is not there.
    monkeypatch.setitem(sys.modules, "rawpy", None)
    with pytest.raises(ImageRejected) as rejection:
        made(dng(four_corners(240, 160)), TILE)
    assert (rejection.value.reason, rejection.value.detail) == (ImageFault.UNSUPPORTED_TYPE, {"type": "RAW"})


@pytest.mark.parametrize(
    "whole", [lambda: dng(four_corners(48, 32)), lambda: dng(four_corners(48, 32), preview=blue_preview(48, 32))]
)
def test_flipped_bytes_give_renditions_or_a_rejection(whole: Callable[[], bytes]) -> None:
    good = whole()

    @settings(max_examples=150)
    @given(st.lists(st.tuples(st.integers(0, 700), st.integers(0, 255)), min_size=1, max_size=6))
    def flip(flips: list[tuple[int, int]]) -> None:
        data = bytearray(good)
        for at, value in flips:
            data[at % len(data)] ^= value
        try:
            header = inspect(bytes(data), limits=Limits(max_pixels=1_000_000))
            images = render(bytes(data), header=header, renditions=[TILE])
        except ImageRejected:
            return
        assert decoded(images[0].data).format == "JPEG"

    flip()
