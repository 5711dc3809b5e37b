import struct
from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from tests.unit.pictures import CORNERS, corners_of, decoded, encoded, four_corners

from imagekit.decoding.limits import inspect
from imagekit.formats.header import Header
from imagekit.formats.inspection import inspect_header
from imagekit.rejection import ImageFault, ImageRejected
from imagekit.rendering.analysis import prepare_analysis_image
from imagekit.rendering.render import render
from imagekit.source import BytesSource, FetchedSource
from safelight_contracts.image_types import ImageType
from safelight_contracts.limits import Limits
from safelight_contracts.renditions import Fit, Rendition

PICTURE = four_corners(240, 160)
TILE = Rendition(name="tile", width=40, height=40, fit=Fit.COVER, type=ImageType.JPEG)
IN_PLACE = {corner: corner for corner in CORNERS}


def written(picture: Image.Image, **options: object) -> bytes:
    return encoded(picture, "JPEG2000", **options)


SAMPLES = {
    "RGB": written(PICTURE),
    "RGBA": written(PICTURE.convert("RGBA")),
    "grey": written(PICTURE.convert("L")),
    "grey with alpha": written(PICTURE.convert("LA")),
    "16-bit grey": written(PICTURE.convert("L").convert("I;16")),
    "CMYK": written(PICTURE.convert("CMYK")),
    "lossy": written(PICTURE, irreversible=True, quality_mode="rates", quality_layers=[20]),
    "tiles": written(PICTURE, tile_size=(100, 100)),
    "a bare codestream": written(PICTURE, no_jp2=True),
}


def header_of(data: bytes) -> Header:
    return inspect_header(BytesSource(data))


def rejection_of(data: bytes) -> ImageFault:
    with pytest.raises(ImageRejected) as rejection:
        header_of(data)
    return rejection.value.reason


@pytest.mark.parametrize("name", SAMPLES)
def test_a_header_says_what_pillow_sees(name: str) -> None:
    header = header_of(SAMPLES[name])
    with Image.open(BytesIO(SAMPLES[name])) as picture:
        assert (header.type, header.width, header.height) == (picture.format, *picture.size)


@pytest.mark.parametrize("name", [name for name in SAMPLES if "grey" not in name])
def test_renditions_and_the_analysis_image_show_the_picture(name: str) -> None:
    data = SAMPLES[name]
    header = inspect(data, limits=Limits())
    (tile,) = render(data, header=header, renditions=[TILE])
    for picture in (decoded(tile.data), decoded(prepare_analysis_image(data, header=header).data)):
        assert corners_of(picture) == IN_PLACE


def test_a_header_takes_one_fetch() -> None:
    data = SAMPLES["RGB"] + bytes(300_000)
    source = FetchedSource(lambda offset, length: data[offset : offset + length], size=len(data))
    assert inspect_header(source).width == 240
    assert (source.fetches, source.fetched_bytes) == (1, 65_536)


def test_boxes_that_contradict_the_size_of_the_codestream_are_unreadable() -> None:
    sides = struct.pack(">II", 160, 240)
    data = SAMPLES["RGB"].replace(b"ihdr" + sides, b"ihdr" + struct.pack(">II", 16, 24))
    assert rejection_of(data) is ImageFault.UNREADABLE_IMAGE


def with_size(codestream: bytes, **changes: int) -> bytes:
    """Change what the codestream's first segment says."""
    layout = struct.Struct(">8I")
    names = ("right", "bottom", "left", "top", "tile_width", "tile_height", "tile_left", "tile_top")
    fields = dict(zip(names, layout.unpack_from(codestream, 8), strict=True)) | changes
    return codestream[:8] + layout.pack(*fields.values()) + codestream[8 + layout.size :]


@pytest.mark.parametrize(
    "changes",
    [
        {"right": 0},
        {"left": 240},
        {"left": 300},
        {"tile_width": 0},
        {"tile_height": 0},
        {"tile_left": 10},
        {"tile_width": 1, "tile_height": 1, "right": 5000, "bottom": 5000},
    ],
)
def test_an_image_without_pixels_or_with_impossible_tiles_is_unreadable(changes: dict[str, int]) -> None:
    assert rejection_of(with_size(SAMPLES["a bare codestream"], **changes)) is ImageFault.UNREADABLE_IMAGE


def test_an_image_that_claims_very_many_pixels_is_too_large() -> None:
    data = with_size(SAMPLES["a bare codestream"], right=4_000_000_000, bottom=4_000_000_000, tile_width=4_000_000_000)
    data = with_size(data, tile_height=4_000_000_000)
    with pytest.raises(ImageRejected) as rejection:
        inspect(data, limits=Limits())
    assert rejection.value.reason is ImageFault.IMAGE_TOO_LARGE


def test_too_many_components_are_an_unsupported_type() -> None:
    data = bytearray(SAMPLES["a bare codestream"])
    data[40:42] = struct.pack(">H", 16_384)
    assert rejection_of(bytes(data)) is ImageFault.UNSUPPORTED_TYPE


@pytest.mark.parametrize(
    "data",
    [
        SAMPLES["RGB"][:12],
        SAMPLES["RGB"][:60],
        SAMPLES["a bare codestream"][:42],
        SAMPLES["RGB"][:12] + struct.pack(">I4s", 4, b"jp2c"),
        SAMPLES["RGB"][:12] + struct.pack(">I4s", 8, b"free") * 100,
        SAMPLES["RGB"][:12] + struct.pack(">I4s", 8, b"jp2c") + bytes(100),
    ],
    ids=["signature", "half a header", "no components", "short box", "many boxes", "no codestream"],
)
def test_half_a_header_is_unreadable(data: bytes) -> None:
    assert rejection_of(data) is ImageFault.UNREADABLE_IMAGE


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from(sorted(SAMPLES)),
    st.lists(st.tuples(st.integers(0, 400), st.integers(1, 255)), min_size=1, max_size=6),
    st.floats(0.1, 1),
)
def test_broken_bytes_give_renditions_or_a_rejection(name: str, flips: list[tuple[int, int]], part: float) -> None:
    data = bytearray(SAMPLES[name][: int(len(SAMPLES[name]) * part)])
    for at, value in flips:
        data[at % len(data)] ^= value
    try:
        header = inspect(bytes(data), limits=Limits(max_pixels=1_000_000))
        images = render(bytes(data), header=header, renditions=[TILE])
    except ImageRejected:
        return
    assert decoded(images[0].data).format == "JPEG"
