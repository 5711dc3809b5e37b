from pathlib import Path

import numpy as np
import pytest
import skimage
from PIL import ExifTags, Image
from tests.unit.imagekit.operations.making import array_of, file_of, flat, make, noise, smooth
from tests.unit.pictures import decoded, encoded, exif, four_corners

from imagekit.decoding.limits import inspect
from imagekit.formats.registry import recognise
from safelight_contracts.delivery.accept import AcceptedType
from safelight_contracts.delivery.colors import Color
from safelight_contracts.delivery.effects import EnsureAlpha, Flatten
from safelight_contracts.delivery.refusals import Refusal, RequestRefusedError
from safelight_contracts.delivery.shaping import Resize
from safelight_contracts.image_types import WRITABLE_TYPES, ImageType
from safelight_contracts.limits import Limits

OPAQUE = file_of(smooth(60, 40))
TRANSPARENT = file_of(flat(60, 40, 200, 100, 50, 128))
ASTRONAUT = Path(skimage.__file__).parent / "data" / "astronaut.png"
PHOTOGRAPH = encoded(Image.open(ASTRONAUT), "PNG")


@pytest.mark.parametrize(
    ("accepted", "opaque", "transparent"),
    [
        (AcceptedType.AVIF, ImageType.AVIF, ImageType.AVIF),
        (AcceptedType.WEBP, ImageType.WEBP, ImageType.WEBP),
        (AcceptedType.PLAIN, ImageType.JPEG, ImageType.PNG),
    ],
)
def test_the_viewer_decides_the_type(accepted: AcceptedType, opaque: ImageType, transparent: ImageType) -> None:
    for data, expected in ((OPAQUE, opaque), (TRANSPARENT, transparent)):
        made = make(data, accepted=accepted)
        assert made.type is recognise(made.data) is expected
        assert (made.width, made.height) == decoded(made.data).size == (60, 40)


@pytest.mark.parametrize("image_type", WRITABLE_TYPES)
@pytest.mark.parametrize("accepted", AcceptedType)
def test_a_type_that_the_request_names_wins(image_type: ImageType, accepted: AcceptedType) -> None:
    assert recognise(make(TRANSPARENT, type=image_type, accepted=accepted).data) is image_type


@pytest.mark.parametrize("image_type", [ImageType.GIF, ImageType.TIFF, ImageType.HEIC])
def test_a_type_that_cannot_be_written_is_refused(image_type: ImageType) -> None:
    with pytest.raises(RequestRefusedError) as refused:
        make(OPAQUE, type=image_type)
    assert (refused.value.refusal, refused.value.parameter) == (Refusal.BAD_PARAMETER, "format")


def test_a_jpeg_of_a_transparent_picture_is_on_white() -> None:
    made = array_of(make(TRANSPARENT, type=ImageType.JPEG, quality=100).data)
    assert made[20, 30].tolist() == pytest.approx([227, 177, 152], abs=2)


def test_a_jpeg_is_on_the_background_of_the_plan() -> None:
    made = make(TRANSPARENT, Flatten(background=Color(red=0, green=0, blue=255)), type=ImageType.JPEG, quality=100)
    assert array_of(made.data)[20, 30].tolist() == pytest.approx([100, 50, 152], abs=2)


def test_an_alpha_channel_that_is_opaque_makes_no_png() -> None:
    assert make(OPAQUE, EnsureAlpha(alpha=1)).type is ImageType.JPEG


@pytest.mark.parametrize("image_type", [ImageType.JPEG, ImageType.WEBP, ImageType.AVIF])
def test_quality_makes_a_file_larger_and_nearer(image_type: ImageType) -> None:
    low, high = (make(PHOTOGRAPH, Resize(width=256), type=image_type, quality=quality).data for quality in (20, 95))
    exact = array_of(make(PHOTOGRAPH, Resize(width=256), type=ImageType.PNG).data).astype(int)
    assert len(high) > 2 * len(low)
    assert np.abs(array_of(high) - exact).mean() < np.abs(array_of(low) - exact).mean()


def test_a_png_is_compressed_with_effort_2_by_default() -> None:
    assert make(PHOTOGRAPH, Resize(width=256), type=ImageType.PNG) == make(
        PHOTOGRAPH, Resize(width=256), type=ImageType.PNG, effort=2
    )


@pytest.mark.parametrize("image_type", WRITABLE_TYPES)
def test_effort_makes_a_file_smaller(image_type: ImageType) -> None:
    fast, small = (make(PHOTOGRAPH, Resize(width=256), type=image_type, effort=effort).data for effort in (0, 6))
    assert len(small) < len(fast)


def test_the_same_request_makes_the_same_bytes() -> None:
    assert make(OPAQUE, Resize(width=30)) == make(OPAQUE, Resize(width=30))


def test_no_metadata_is_left() -> None:
    data = encoded(four_corners(60, 40), "JPEG", exif=exif(orientation=1), comment=b"SECRET")
    for image_type in WRITABLE_TYPES:
        made = make(data, type=image_type).data
        assert b"SECRET" not in made
        assert not decoded(made).getexif()


@pytest.mark.parametrize("image_type", WRITABLE_TYPES)
def test_copyright_and_artist_stay_if_asked(image_type: ImageType) -> None:
    given = exif(orientation=1)
    given[ExifTags.Base.Copyright], given[ExifTags.Base.Artist] = "Ann, 2026", "Ann"
    made = make(encoded(four_corners(60, 40), "JPEG", exif=given), type=image_type, keep_metadata=True)
    assert dict(decoded(made.data).getexif()) == {ExifTags.Base.Copyright: "Ann, 2026", ExifTags.Base.Artist: "Ann"}


def test_hidden_colors_are_not_delivered() -> None:
    pixels = noise(20, 20, channels=4)
    pixels[..., 3] = 0
    assert not array_of(make(file_of(pixels), type=ImageType.PNG).data).any()


@pytest.mark.parametrize("mode", ["L", "LA", "RGB", "RGBA", "P", "1", "CMYK", "I;16"])
def test_every_kind_of_source_is_delivered(mode: str) -> None:
    picture = four_corners(60, 40)
    picture = picture.convert("L").convert(mode) if mode == "I;16" else picture.convert(mode)
    data = encoded(picture, "TIFF")
    made = make(data, Resize(width=30))
    assert (made.width, made.height) == (30, 20)
    assert inspect(made.data, limits=Limits()).type is made.type
