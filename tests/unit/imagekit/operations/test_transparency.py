import numpy as np
import pytest
from PIL import Image
from tests.unit.imagekit.operations.making import flat, make, result
from tests.unit.pictures import decoded, encoded

from safelight_contracts.delivery.colors import Color
from safelight_contracts.delivery.effects import Blur, EnsureAlpha, Flatten, RemoveAlpha
from safelight_contracts.delivery.refusals import RequestRefusedError
from safelight_contracts.delivery.shaping import Resize, RoundCrop


def test_a_picture_is_put_on_a_background() -> None:
    made = result(flat(3, 3, 200, 100, 0, 51), Flatten(background=Color(red=0, green=0, blue=250)))
    assert made[0, 0].tolist() == pytest.approx([40, 20, 200], abs=1)


def test_colors_are_shown_as_they_are_without_alpha() -> None:
    assert np.array_equal(result(flat(3, 3, 200, 100, 0, 51), RemoveAlpha()), flat(3, 3, 200, 100, 0))


def test_an_alpha_channel_is_added() -> None:
    assert np.array_equal(result(flat(3, 3, 200, 100, 0), EnsureAlpha(alpha=0.2)), flat(3, 3, 200, 100, 0, 51))


def test_an_alpha_channel_stays_if_there_is_one() -> None:
    assert np.array_equal(result(flat(3, 3, 200, 100, 0, 99), EnsureAlpha(alpha=0.2)), flat(3, 3, 200, 100, 0, 99))


def test_a_circle_is_cut_around_the_middle() -> None:
    made = result(flat(100, 60, 200, 100, 0), RoundCrop())
    down, across = np.mgrid[:60, :100] + 0.5
    distance = 30 - np.hypot(across - 50, down - 30)
    assert (made[..., 3][distance > 1] == 255).all()
    assert (made[..., 3][distance < -1] == 0).all()
    assert made[..., 3].sum() / 255 == pytest.approx(np.pi * 30**2, rel=0.002)


def test_an_ellipse_has_its_own_centre_and_radii() -> None:
    made = result(flat(100, 60, 200, 100, 0), RoundCrop(x=30, y=20, x_radius=20, y_radius=10))
    assert made[..., 3].sum() / 255 == pytest.approx(np.pi * 20 * 10, rel=0.005)
    assert [made[20, column, 3] for column in (9, 11, 48, 51)] == [0, 255, 255, 0]


def test_a_circle_of_a_transparent_picture_is_not_less_transparent() -> None:
    made = result(flat(20, 20, 200, 100, 0, 100), RoundCrop())
    assert made[..., 3].max() == 100


def test_an_ellipse_without_a_radius_is_refused() -> None:
    with pytest.raises(RequestRefusedError):
        result(flat(20, 20, 200, 100, 0), RoundCrop(x_radius=0))


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "GIF", "TIFF", "AVIF"])
def test_no_transparency_is_lost_on_the_way(kind: str) -> None:
    picture = Image.new("RGBA", (80, 60))
    picture.paste((200, 30, 30, 255), (20, 10, 60, 50))
    options = {} if kind in ("GIF", "TIFF") else {"lossless": True}
    made = decoded(make(encoded(picture, kind, **options), Resize(width=40), Blur()).data).convert("RGBA")
    assert made.getpixel((2, 2)) == (0, 0, 0, 0)
    assert made.getpixel((20, 15)) == pytest.approx((200, 30, 30, 255), abs=6)
