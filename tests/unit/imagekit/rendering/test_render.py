from dataclasses import replace
from io import BytesIO
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms
from tests.unit.pictures import (
    CORNERS,
    ORIENTATIONS,
    corners_of,
    decoded,
    encoded,
    exif,
    four_corners,
    photograph,
)

import imagekit.rendering.render
from imagekit.decoding.decode import Decoded, decode
from imagekit.decoding.limits import inspect
from imagekit.formats.registry import recognise
from imagekit.rejection import ImageFault, ImageRejected
from imagekit.rendering.render import render
from imagekit.rendering.rendition import RenderedImage
from safelight_contracts.image_types import ImageType
from safelight_contracts.limits import Limits
from safelight_contracts.renditions import Fit, Rendition

TILE = Rendition(name="tile", width=40, height=40, fit=Fit.COVER, type=ImageType.JPEG)
SCALED = Rendition(name="scaled", width=60, height=None, fit=Fit.INSIDE, type=ImageType.JPEG)
WRITTEN = [ImageType.JPEG, ImageType.PNG, ImageType.WEBP, ImageType.AVIF]
# What Pillow reads by itself, and writes.
READ = [image_type for image_type in ImageType if image_type not in (ImageType.HEIC, ImageType.RAW)]
IN_PLACE = {corner: corner for corner in CORNERS}


def rendered(data: bytes, *renditions: Rendition) -> list[RenderedImage]:
    return render(data, header=inspect(data, limits=Limits()), renditions=renditions)


def as_type(image_type: ImageType) -> Rendition:
    return Rendition(name="any", width=60, height=None, fit=Fit.INSIDE, type=image_type)


@pytest.mark.parametrize("orientation", ORIENTATIONS)
@pytest.mark.parametrize("image_type", ["JPEG", "PNG", "WEBP", "TIFF", "AVIF"])
def test_renditions_are_upright(image_type: str, orientation: int) -> None:
    data = photograph(width=240, height=160, orientation=orientation, image_type=image_type)
    tile, scaled = rendered(data, TILE, SCALED)
    assert corners_of(decoded(tile.data)) == IN_PLACE
    assert corners_of(decoded(scaled.data)) == IN_PLACE
    assert decoded(tile.data).size == (40, 40)
    assert decoded(scaled.data).size == (60, 40)


@pytest.mark.parametrize("image_type", READ)
def test_every_type_that_is_read_is_rendered(image_type: ImageType) -> None:
    data = encoded(four_corners(120, 80), image_type)
    assert corners_of(decoded(rendered(data, SCALED)[0].data)) == IN_PLACE


@pytest.mark.parametrize("image_type", WRITTEN)
def test_the_file_of_a_rendition_has_its_type(image_type: ImageType) -> None:
    image = rendered(encoded(four_corners(120, 80), "PNG"), as_type(image_type))[0]
    assert recognise(image.data) is image_type


def test_png_bytes_are_never_written_as_a_jpeg() -> None:
    data = encoded(four_corners(120, 80).convert("RGBA"), "PNG")
    assert rendered(data, SCALED)[0].data.startswith(b"\xff\xd8\xff")


@pytest.mark.parametrize("image_type", WRITTEN)
@pytest.mark.parametrize("source", ["JPEG", "PNG", "WEBP", "AVIF", "TIFF", "GIF"])
def test_no_metadata_is_left(source: str, image_type: ImageType) -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    options: dict[str, Any] = {}
    if source in ("JPEG", "GIF"):
        options["comment"] = b"SECRET"
    if source in ("JPEG", "WEBP", "AVIF"):
        options["xmp"] = b"SECRET"
    if source != "GIF":
        options |= {"exif": exif(orientation=6), "icc_profile": profile, "dpi": (300, 300)}
    data = encoded(four_corners(120, 80), source, **options)
    image = rendered(data, as_type(image_type))[0].data
    picture = decoded(image)
    assert not dict(picture.getexif())
    assert not {"exif", "xmp", "icc_profile", "comment", "dpi"} & set(picture.info)
    assert b"SECRET" not in image
    assert b"Exif\x00\x00" not in image


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "PA", "RGB", "RGBA", "CMYK", "I;16", "I", "F", "LAB", "YCbCr"])
@pytest.mark.parametrize("image_type", WRITTEN)
def test_an_image_of_any_mode_is_rendered(mode: str, image_type: ImageType) -> None:
    picture = Image.linear_gradient("L").resize((90, 60))
    if mode == "PA":
        data = encoded(picture.convert("P"), "PNG", transparency=0)
    elif mode == "LAB":
        lab = ImageCms.profileToProfile(
            picture.convert("RGB"), ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB"), outputMode="LAB"
        )
        assert lab is not None
        data = encoded(lab, "TIFF")
    elif mode == "I;16":
        data = encoded(picture.convert("I").point(lambda value: value * 257).convert("I;16"), "PNG")
    else:
        data = encoded(picture.convert(mode), "TIFF")
    image = decoded(rendered(data, as_type(image_type))[0].data).convert("L")
    assert image.size == (60, 40)
    assert image.getpixel((30, 2)) < 60 or mode == "PA"  # type: ignore[operator]
    assert image.getpixel((30, 37)) > 195  # type: ignore[operator]


def test_16_bit_grey_is_scaled_instead_of_clipped() -> None:
    grey = Image.new("I;16", (90, 60), 128 * 257)
    picture = decoded(rendered(encoded(grey, "PNG"), SCALED)[0].data)
    assert picture.getpixel((20, 20)) == (128, 128, 128)


def test_transparency_is_flattened_on_white_in_a_jpeg() -> None:
    clear = Image.new("RGBA", (90, 60), (255, 0, 0, 0))
    picture = decoded(rendered(encoded(clear, "PNG"), SCALED)[0].data)
    assert picture.getpixel((20, 20)) == (255, 255, 255)


@pytest.mark.parametrize("image_type", [ImageType.PNG, ImageType.WEBP, ImageType.AVIF])
def test_transparency_is_kept_if_the_type_supports_it(image_type: ImageType) -> None:
    clear = Image.new("RGBA", (90, 60), (255, 0, 0, 0))
    picture = decoded(rendered(encoded(clear, "PNG"), as_type(image_type))[0].data)
    assert picture.getchannel("A").getextrema() == (0, 0)


def test_colors_are_converted_to_srgb_by_the_profile() -> None:
    # A profile whose colour order is green, red, blue shows whether it is applied: red becomes green.
    swapped = swapped_profile()
    data = encoded(Image.new("RGB", (90, 60), (200, 20, 20)), "PNG", icc_profile=swapped)
    red, green, _ = decoded(rendered(data, as_type(ImageType.PNG))[0].data).getpixel((20, 20))  # type: ignore[misc]
    assert green > 150
    assert red < 100


def swapped_profile() -> bytes:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    return profile.replace(b"rXYZ", b"tXYZ").replace(b"gXYZ", b"rXYZ").replace(b"tXYZ", b"gXYZ")


@pytest.mark.parametrize("profile", [b"not a profile", swapped_profile()[:200]])
def test_a_broken_profile_is_ignored(profile: bytes) -> None:
    data = encoded(Image.new("RGB", (90, 60), (200, 20, 20)), "JPEG", icc_profile=profile)
    red, green, _ = decoded(rendered(data, as_type(ImageType.PNG))[0].data).getpixel((20, 20))  # type: ignore[misc]
    assert red > 150
    assert green < 60


def test_a_grey_image_with_a_profile_for_colors_is_rendered() -> None:
    data = encoded(Image.new("L", (90, 60), 128), "JPEG", icc_profile=swapped_profile())
    assert decoded(rendered(data, SCALED)[0].data).getpixel((20, 20)) == (128, 128, 128)


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 90), st.integers(1, 90), st.sampled_from(ORIENTATIONS))
def test_a_rendition_is_never_larger_than_the_image(width: int, height: int, orientation: int) -> None:
    data = photograph(width=width, height=height, orientation=orientation)
    for image in rendered(data, TILE, SCALED):
        assert image.width <= width
        assert image.height <= height
        assert decoded(image.data).size == (image.width, image.height)


def test_a_small_image_keeps_its_size() -> None:
    image = rendered(photograph(width=20, height=30), SCALED)[0]
    assert (image.width, image.height) == (20, 30)


def test_the_first_frame_of_an_animation_is_shown() -> None:
    later = [Image.new("RGB", (90, 60), "black")]
    for image_type in ("GIF", "WEBP", "PNG", "AVIF"):
        data = encoded(four_corners(90, 60), image_type, save_all=True, append_images=later)
        assert corners_of(decoded(rendered(data, SCALED)[0].data)) == IN_PLACE


def test_the_photograph_is_shown_and_not_its_previews() -> None:
    preview = [Image.new("RGB", (30, 20), "black")]
    data = encoded(four_corners(240, 160), "MPO", save_all=True, append_images=preview)
    image = rendered(data, SCALED)[0]
    assert corners_of(decoded(image.data)) == IN_PLACE


def test_a_gif_whose_frame_is_larger_than_its_screen_is_shown_whole() -> None:
    data = bytearray(encoded(four_corners(90, 60), "GIF"))
    data[6:10] = bytes([1, 0, 1, 0])
    image = rendered(bytes(data), SCALED)[0]
    assert (image.width, image.height) == (60, 40)


def test_renditions_are_in_the_requested_order() -> None:
    data = photograph(width=240, height=160)
    assert [image.rendition for image in rendered(data, TILE, SCALED)] == [TILE, SCALED]


def test_renditions_of_one_name_differ_by_their_type_alone() -> None:
    sizes = (TILE, SCALED)
    wanted = [replace(size, type=image_type) for image_type in WRITTEN for size in sizes]
    images = rendered(photograph(width=240, height=160, orientation=6), *wanted)
    assert [image.rendition for image in images] == wanted
    for image in images:
        assert recognise(image.data) is image.rendition.type
        assert corners_of(decoded(image.data)) == IN_PLACE
        assert decoded(image.data).size == ((40, 40) if image.rendition.name == "tile" else (60, 40))


def test_renditions_in_several_formats_take_one_decode(monkeypatch: pytest.MonkeyPatch) -> None:
    decodes = []

    def counted(data: bytes, **options: Any) -> Decoded:
        decodes.append(options)
        return decode(data, **options)

    monkeypatch.setattr(imagekit.rendering.render, "decode", counted)
    rendered(photograph(width=240, height=160), *(as_type(image_type) for image_type in WRITTEN))
    assert len(decodes) == 1


def test_the_given_quality_is_used() -> None:
    data = encoded(Image.effect_noise((90, 60), 90), "PNG")
    coarse, fine = (
        Rendition(name=str(q), width=60, height=None, fit=Fit.INSIDE, type=ImageType.JPEG, quality=q) for q in (20, 95)
    )
    small, large = rendered(data, coarse, fine)
    assert len(small.data) < len(large.data)


def test_a_strip_longer_than_webp_allows_is_scaled_down() -> None:
    data = encoded(Image.new("RGB", (30, 20_000)), "PNG")
    image = rendered(data, as_type(ImageType.WEBP))[0]
    assert image.height == 16_383


@pytest.mark.parametrize("image_type", READ)
def test_a_truncated_image_is_unreadable(image_type: ImageType) -> None:
    noise = Image.effect_noise((200, 200), 90).convert("RGB")
    data = encoded(noise, image_type)
    with pytest.raises(ImageRejected) as rejection:
        rendered(data[: len(data) * 2 // 3], SCALED)
    assert rejection.value.reason is ImageFault.UNREADABLE_IMAGE


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from(READ),
    st.lists(st.tuples(st.integers(0, 10_000), st.integers(1, 255)), min_size=1, max_size=12),
)
def test_a_corrupt_image_gives_renditions_or_a_rejection(image_type: ImageType, flips: list[tuple[int, int]]) -> None:
    data = bytearray(encoded(four_corners(60, 40), image_type))
    for at, value in flips:
        data[at % len(data)] ^= value
    try:
        rendered(bytes(data), SCALED)
    except ImageRejected as rejection:
        reason = rejection.reason
    else:
        return
    assert reason in ImageFault


def test_an_image_with_too_many_pixels_is_rejected_before_it_is_decoded() -> None:
    data = encoded(Image.new("1", (4000, 4000)), "PNG")[:200]
    with pytest.raises(ImageRejected) as rejection:
        inspect(data, limits=Limits(max_pixels=15_999_999))
    assert rejection.value.reason is ImageFault.IMAGE_TOO_LARGE
    assert rejection.value.detail == {"width": 4000, "height": 4000, "type": "PNG", "maxPixels": 15_999_999}


def test_a_file_with_too_many_bytes_is_rejected() -> None:
    with pytest.raises(ImageRejected) as rejection:
        inspect(bytes(101), limits=Limits(max_bytes=100))
    assert rejection.value.reason is ImageFault.IMAGE_TOO_LARGE


@pytest.mark.filterwarnings("error")
def test_a_large_photograph_is_allowed_although_pillow_warns_of_a_bomb() -> None:
    data = encoded(Image.new("1", (10_000, 10_000)), "PNG")
    image = render(data, header=inspect(data, limits=Limits()), renditions=[SCALED])[0]
    assert Image.open(BytesIO(image.data)).size == (60, 60)


@pytest.mark.parametrize(("sides", "is_published"), [((200, 100), True), ((210, 100), False), ((100, 210), False)])
def test_an_image_is_stretched_at_most_twofold(sides: tuple[int, int], *, is_published: bool) -> None:
    square = Rendition(name="square", width=50, height=50, fit=Fit.FILL, type=ImageType.JPEG)
    data = encoded(four_corners(*sides), "PNG")
    if is_published:
        assert decoded(rendered(data, square)[0].data).size == (50, 50)
    else:
        with pytest.raises(ImageRejected) as rejection:
            rendered(data, square)
        assert rejection.value.reason is ImageFault.IMAGE_TOO_LARGE
