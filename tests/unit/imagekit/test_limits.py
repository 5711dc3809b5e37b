import pytest

from imagekit.header import Header
from imagekit.image_type import ImageType
from imagekit.limits import Limits, check_pixels
from imagekit.rejection import ImageFault, ImageRejected


def of_100_megapixels(image_type: str) -> Header:
    return Header(type=ImageType(image_type), stored_width=10_000, stored_height=10_000)


@pytest.mark.parametrize("image_type", ["JPEG", "PNG", "GIF", "TIFF", "BMP", "RAW"])
def test_an_image_of_100_megapixels_is_within_the_default_limits(image_type: str) -> None:
    check_pixels(of_100_megapixels(image_type), limits=Limits())


@pytest.mark.parametrize("image_type", list(ImageType))
def test_a_pixel_more_than_the_limit_is_too_large(image_type: ImageType) -> None:
    with pytest.raises(ImageRejected) as rejection:
        check_pixels(Header(type=image_type, stored_width=10_001, stored_height=10_000), limits=Limits())
    assert rejection.value.reason is ImageFault.IMAGE_TOO_LARGE


@pytest.mark.parametrize(("image_type", "most"), [("WEBP", 72_222_222), ("AVIF", 68_421_052), ("HEIC", 61_904_761)])
def test_a_type_that_takes_more_memory_to_decode_may_have_fewer_pixels(image_type: str, most: int) -> None:
    header = Header(type=ImageType(image_type), stored_width=most, stored_height=1)
    check_pixels(header, limits=Limits())
    with pytest.raises(ImageRejected) as rejection:
        check_pixels(of_100_megapixels(image_type), limits=Limits())
    assert rejection.value.detail == {"width": 10_000, "height": 10_000, "type": image_type, "maxPixels": most}


def test_a_lower_limit_of_the_settings_holds_for_every_type() -> None:
    header = Header(type=ImageType.WEBP, stored_width=1001, stored_height=1000)
    with pytest.raises(ImageRejected) as rejection:
        check_pixels(header, limits=Limits(max_pixels=1_000_000))
    assert rejection.value.detail["maxPixels"] == 1_000_000
