import struct
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.pictures import CORNERS, ORIENTATIONS, corners_of, decoded, heic

from imagekit.decoding.decode import decode
from imagekit.decoding.limits import inspect
from imagekit.formats.inspection import inspect_header
from imagekit.rejection import ImageFault, ImageRejected
from imagekit.rendering.analysis import prepare_analysis_image
from imagekit.rendering.render import render
from imagekit.source import BytesSource
from safelight_contracts.image_types import ImageType
from safelight_contracts.limits import Limits
from safelight_contracts.renditions import Fit, Rendition

UPRIGHT = heic("orientation_1")
TURNED = heic("orientation_6")
CUT = heic("37x21_of_64x64")
TILE = Rendition(name="tile", width=40, height=40, fit=Fit.COVER, type=ImageType.JPEG)
SCALED = Rendition(name="scaled", width=60, height=None, fit=Fit.INSIDE, type=ImageType.WEBP)
IN_PLACE = {corner: corner for corner in CORNERS}


@pytest.mark.parametrize("orientation", ORIENTATIONS)
def test_a_heic_is_measured_as_it_is_displayed(orientation: int) -> None:
    header = inspect(heic(f"orientation_{orientation}"), limits=Limits())
    assert (header.type, header.width, header.height) == (ImageType.HEIC, 240, 160)
    assert header.orientation == orientation


@pytest.mark.parametrize("orientation", ORIENTATIONS)
def test_renditions_of_a_heic_are_upright(orientation: int) -> None:
    data = heic(f"orientation_{orientation}")
    tile, scaled = render(data, header=inspect(data, limits=Limits()), renditions=[TILE, SCALED])
    assert (corners_of(decoded(tile.data)), decoded(tile.data).size) == (IN_PLACE, (40, 40))
    assert (corners_of(decoded(scaled.data)), decoded(scaled.data).size) == (IN_PLACE, (60, 40))


@pytest.mark.parametrize("orientation", ORIENTATIONS)
def test_the_analysis_image_of_a_heic_is_upright(orientation: int) -> None:
    data = heic(f"orientation_{orientation}")
    picture = decoded(prepare_analysis_image(data, header=inspect(data, limits=Limits())).data)
    assert (corners_of(picture), picture.size) == (IN_PLACE, (240, 160))


def test_a_heic_is_cut_to_its_clean_aperture() -> None:
    header = inspect(CUT, limits=Limits())
    assert (header.width, header.height) == (37, 21)
    picture = decoded(render(CUT, header=header, renditions=[SCALED])[0].data)
    assert (picture.size, corners_of(picture)) == ((37, 21), IN_PLACE)


def cut_from_9000_pixels_a_side(aperture: tuple[int, int, int, int]) -> bytes:
    """Make the header of a HEIC with a clean aperture: numerator and denominator of its width, then of its height."""
    coded = struct.pack(">II", 64, 64)
    hidden = CUT.replace(b"ispe" + bytes(4) + coded, b"ispe" + bytes(4) + struct.pack(">II", 9000, 9000))
    at = hidden.index(b"clap") + 4
    return hidden[:at] + struct.pack(">4I", *aperture) + hidden[at + 16 :]


@pytest.mark.parametrize(
    "aperture",
    [(0, 1, 21, 1), (37, 0, 21, 1), (1, 1, 1, 1), (1800, 1, 9000, 1), (9000, 1, 1800, 1), (7148, 1, 9000, 1)],
)
def test_a_heic_that_hides_a_fifth_of_a_side_is_rejected(aperture: tuple[int, int, int, int]) -> None:
    with pytest.raises(ImageRejected) as rejection:
        inspect_header(BytesSource(cut_from_9000_pixels_a_side(aperture)))
    assert rejection.value.reason is ImageFault.UNREADABLE_IMAGE


def test_a_heic_that_hides_less_of_its_sides_is_measured_as_cut() -> None:
    header = inspect_header(BytesSource(cut_from_9000_pixels_a_side((7149, 1, 7149, 1))))
    assert (header.width, header.height) == (7149, 7149)


@pytest.mark.parametrize("size", [(160, 240), (239, 160), (240, 159), (241, 160), (120, 80), (2000, 2000)])
@pytest.mark.parametrize("data", [UPRIGHT, CUT], ids=["whole", "cut"])
def test_a_heic_that_codes_another_size_than_it_says_is_unreadable(data: bytes, size: tuple[int, int]) -> None:
    at = data.index(b"ispe") + 8
    lying = data[:at] + struct.pack(">II", *size) + data[at + 8 :]
    with pytest.raises(ImageRejected) as rejection:
        decode(lying, header=inspect(lying, limits=Limits()))
    assert rejection.value.reason is ImageFault.UNREADABLE_IMAGE


def test_a_heic_with_an_unreadable_item_name_is_rejected_before_decoding() -> None:
    with pytest.raises(ImageRejected) as rejection:
        inspect(UPRIGHT.replace(b"Exif", b"\xffxif", 1), limits=Limits())
    assert rejection.value.detail == {"problem": "an item without a readable name"}


@pytest.mark.parametrize("part", [0.3, 0.9])
def test_a_truncated_heic_is_unreadable(part: float) -> None:
    data = UPRIGHT[: int(len(UPRIGHT) * part)]
    with pytest.raises(ImageRejected) as rejection:
        render(data, header=inspect(data, limits=Limits()), renditions=[TILE])
    assert rejection.value.reason is ImageFault.UNREADABLE_IMAGE


def test_without_its_decoder_a_heic_is_an_unsupported_type(monkeypatch: pytest.MonkeyPatch) -> None:
    # None in its place makes an import fail as that of a package that is not there.
    monkeypatch.setitem(sys.modules, "pi_heif", None)
    with pytest.raises(ImageRejected) as rejection:
        render(UPRIGHT, header=inspect(UPRIGHT, limits=Limits()), renditions=[TILE])
    assert (rejection.value.reason, rejection.value.detail) == (ImageFault.UNSUPPORTED_TYPE, {"type": "HEIC"})


@settings(max_examples=200)
@given(
    st.sampled_from([UPRIGHT, TURNED, CUT]),
    st.lists(st.tuples(st.integers(0, 900), st.integers(0, 255)), min_size=1, max_size=8),
)
def test_flipped_bytes_in_a_heic_give_renditions_or_a_rejection(whole: bytes, flips: list[tuple[int, int]]) -> None:
    data = bytearray(whole)
    for at, value in flips:
        data[at % len(data)] ^= value
    limits = Limits(max_pixels=1_000_000)
    try:
        images = render(bytes(data), header=inspect(bytes(data), limits=limits), renditions=[TILE])
    except ImageRejected:
        return
    assert decoded(images[0].data).format == "JPEG"
