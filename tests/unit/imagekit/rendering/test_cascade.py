from collections.abc import Sequence

import numpy as np
import pytest
from PIL import Image, ImageCms
from skimage import data
from skimage.metrics import structural_similarity
from tests.unit.pictures import CORNERS, ORIENTATIONS, corners_of, decoded, encoded, photograph

from imagekit.decoding.decode import Decoded
from imagekit.decoding.libvips import from_pillow
from imagekit.decoding.limits import inspect
from imagekit.geometry import Size, place
from imagekit.rendering.cascade import cascade
from imagekit.rendering.render import render
from imagekit.rendering.rendition import RenderedImage
from safelight_contracts.image_types import ImageType
from safelight_contracts.limits import Limits
from safelight_contracts.renditions import Fit, Rendition


def rendition(
    *,
    width: int,
    height: int | None = None,
    fit: Fit = Fit.INSIDE,
    image_type: ImageType = ImageType.PNG,
    focal_point: tuple[float, float] = (0.5, 0.5),
    background: str = "#ffffff",
    enlarge: bool = False,
) -> Rendition:
    return Rendition(
        name="any",
        width=width,
        height=height,
        fit=fit,
        type=image_type,
        focal_point=focal_point,
        background=background,
        enlarge=enlarge,
    )


def rendered(file: bytes, *renditions: Rendition) -> list[RenderedImage]:
    return render(file, header=inspect(file, limits=Limits()), renditions=renditions)


def picture_of(file: bytes, wanted: Rendition) -> Image.Image:
    (image,) = rendered(file, wanted)
    picture = decoded(image.data)
    assert picture.size == (image.width, image.height)
    return picture


@pytest.mark.parametrize("orientation", ORIENTATIONS)
@pytest.mark.parametrize(
    ("corner", "point"),
    [
        ("top left", (0.0, 0.0)),
        ("top right", (1.0, 0.0)),
        ("bottom left", (0.0, 1.0)),
        ("bottom right", (1.0, 1.0)),
    ],
)
def test_cover_shows_the_focal_point_in_every_orientation(
    orientation: int, corner: str, point: tuple[float, float]
) -> None:
    file = photograph(width=240, height=160, orientation=orientation)
    across = picture_of(file, rendition(width=80, height=160, fit=Fit.COVER, focal_point=point))
    down = picture_of(file, rendition(width=240, height=40, fit=Fit.COVER, focal_point=point))
    end, side = corner.split()
    assert {name.split()[1] for name in corners_of(across).values()} == {side}
    assert {name.split()[0] for name in corners_of(down).values()} == {end}


@pytest.mark.parametrize("orientation", ORIENTATIONS)
def test_contain_shows_the_whole_image_on_its_background(orientation: int) -> None:
    file = photograph(width=240, height=160, orientation=orientation)
    picture = picture_of(file, rendition(width=120, height=120, fit=Fit.CONTAIN, background="#204060"))
    assert picture.size == (120, 120)
    assert picture.getpixel((60, 19)) == picture.getpixel((60, 100)) == (0x20, 0x40, 0x60)
    assert corners_of(picture.crop((0, 20, 120, 100))) == {corner: corner for corner in CORNERS}


def test_contain_pads_a_small_image_without_enlarging_it() -> None:
    picture = picture_of(photograph(width=24, height=16), rendition(width=60, height=60, fit=Fit.CONTAIN))
    assert picture.size == (60, 60)
    assert picture.getpixel((17, 30)) == picture.getpixel((42, 30)) == (255, 255, 255)
    assert corners_of(picture.crop((18, 22, 42, 38))) == {corner: corner for corner in CORNERS}


def test_padding_is_transparent_if_its_color_is() -> None:
    wanted = rendition(width=60, height=60, fit=Fit.CONTAIN, background="#ff000000")
    picture = picture_of(photograph(width=240, height=160), wanted)
    assert picture.getchannel("A").getpixel((30, 5)) == 0
    assert picture.getchannel("A").getpixel((30, 30)) == 255


def test_transparent_pixels_stay_transparent_next_to_opaque_padding() -> None:
    clear = encoded(Image.new("RGBA", (90, 60), (255, 0, 0, 0)), "PNG")
    picture = picture_of(clear, rendition(width=60, height=60, fit=Fit.CONTAIN, background="#204060"))
    assert picture.getpixel((30, 2)) == (0x20, 0x40, 0x60, 255)
    assert picture.getchannel("A").getpixel((30, 30)) == 0


@pytest.mark.parametrize("orientation", ORIENTATIONS)
def test_fill_stretches_the_whole_image(orientation: int) -> None:
    file = photograph(width=240, height=160, orientation=orientation)
    picture = picture_of(file, rendition(width=60, height=60, fit=Fit.FILL))
    assert picture.size == (60, 60)
    assert corners_of(picture) == {corner: corner for corner in CORNERS}


@pytest.mark.parametrize("fit", Fit)
def test_an_image_is_enlarged_where_the_rendition_asks(fit: Fit) -> None:
    file = photograph(width=24, height=16, orientation=6, image_type="PNG")
    picture = picture_of(file, rendition(width=240, height=160, fit=fit, enlarge=True))
    assert picture.size == (240, 160)
    assert corners_of(picture) == {corner: corner for corner in CORNERS}


def test_smaller_pictures_are_not_made_from_enlarged_ones() -> None:
    noise = encoded(Image.effect_noise((60, 60), 90).convert("RGB"), "PNG")
    _, same = rendered(noise, rendition(width=600, height=600, enlarge=True), rendition(width=60))
    assert decoded(same.data).tobytes() == decoded(noise).tobytes()


def test_renditions_with_every_fit_can_be_made_together() -> None:
    file = photograph(width=480, height=320, orientation=8)
    wanted = [
        rendition(width=width, height=height, fit=fit, enlarge=enlarge)
        for fit in Fit
        for width, height in ((300, 110), (200, 200), (200, 250), (900, 600))
        for enlarge in (False, True)
    ]
    for image in rendered(file, *wanted):
        (alone,) = rendered(file, image.rendition)
        assert (image.width, image.height) == (alone.width, alone.height)
        assert np.abs(pixels(image.data) - pixels(alone.data)).mean() < 6


def pixels(file: bytes) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    return np.asarray(decoded(file).convert("RGB"), np.float64)


def test_a_profile_is_applied_once_to_each_rendition() -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    swapped = profile.replace(b"rXYZ", b"tXYZ").replace(b"gXYZ", b"rXYZ").replace(b"tXYZ", b"gXYZ")
    file = encoded(Image.new("RGB", (90, 60), (200, 20, 20)), "PNG", icc_profile=swapped)
    for image in rendered(file, *(rendition(width=width) for width in (80, 40, 20))):
        red, green, _ = decoded(image.data).getpixel((9, 9))  # type: ignore[misc]
        assert green > 150
        assert red < 100


def pictures(photo: Image.Image, *, widths: Sequence[int]) -> dict[int, Image.Image]:
    image = Size(width=photo.width, height=photo.height)
    placements = [place(image, fit=Fit.INSIDE, width=width, max_side=9999) for width in widths]
    made = cascade(Decoded(pixels=from_pillow(photo), orientation=1, image_type=ImageType.PNG), placements=placements)
    return {picture.width: picture for _, picture in made}


def test_a_picture_made_from_a_larger_one_is_as_good_as_one_made_from_the_whole() -> None:
    photo = Image.fromarray(data.astronaut())  # type: ignore[no-untyped-call]
    for width, picture in pictures(photo, widths=[60, 320, 250, 120]).items():
        direct = photo.resize(picture.size, Image.Resampling.LANCZOS)
        reached = structural_similarity(  # type: ignore[no-untyped-call]
            np.asarray(picture.convert("L")), np.asarray(direct.convert("L"))
        )
        assert reached > 0.99, width


def test_pictures_come_the_largest_first_and_equal_ones_once() -> None:
    made = pictures(Image.new("RGB", (400, 300)), widths=[100, 300, 100, 200])
    assert list(made) == [300, 200, 100]
