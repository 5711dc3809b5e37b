import pytest

from imagekit.decoding.limits import MAX_DECODING_BYTES, decoding_bytes, validate_header
from imagekit.formats.header import Header
from imagekit.rejection import ImageFault, ImageRejected
from safelight_contracts.image_types import ImageType
from safelight_contracts.limits import Limits


def of_100_megapixels(image_type: str) -> Header:
    return Header(type=ImageType(image_type), stored_width=10_000, stored_height=10_000)


@pytest.mark.parametrize("image_type", ["JPEG", "PNG", "GIF", "TIFF", "BMP", "RAW"])
def test_an_image_of_100_megapixels_is_within_the_default_limits(image_type: str) -> None:
    validate_header(of_100_megapixels(image_type), size=100_000, limits=Limits())


@pytest.mark.parametrize("image_type", list(ImageType))
def test_a_pixel_more_than_the_limit_is_too_large(image_type: ImageType) -> None:
    with pytest.raises(ImageRejected) as rejection:
        validate_header(
            Header(type=image_type, stored_width=10_001, stored_height=10_000), size=100_000, limits=Limits()
        )
    assert rejection.value.reason is ImageFault.IMAGE_TOO_LARGE


@pytest.mark.parametrize(("image_type", "most"), [("WEBP", 61_904_761), ("AVIF", 68_421_052), ("HEIC", 61_904_761)])
def test_a_type_that_takes_more_memory_to_decode_may_have_fewer_pixels(image_type: str, most: int) -> None:
    header = Header(type=ImageType(image_type), stored_width=most, stored_height=1)
    validate_header(header, size=100_000, limits=Limits(max_side=most))
    with pytest.raises(ImageRejected) as rejection:
        validate_header(of_100_megapixels(image_type), size=100_000, limits=Limits())
    assert rejection.value.detail == {"width": 10_000, "height": 10_000, "type": image_type, "maxPixels": most}


def test_a_lower_limit_in_the_settings_applies_to_every_type() -> None:
    header = Header(type=ImageType.WEBP, stored_width=1001, stored_height=1000)
    with pytest.raises(ImageRejected) as rejection:
        validate_header(header, size=100_000, limits=Limits(max_pixels=1_000_000))
    assert rejection.value.detail["maxPixels"] == 1_000_000


@pytest.mark.parametrize(("width", "height"), [(1001, 10), (10, 1001)])
def test_a_side_longer_than_the_limit_is_too_large(width: int, height: int) -> None:
    header = Header(type=ImageType.PNG, stored_width=width, stored_height=height)
    validate_header(header, size=100, limits=Limits(max_side=1001))
    with pytest.raises(ImageRejected) as rejection:
        validate_header(header, size=100, limits=Limits(max_side=1000))
    assert rejection.value.reason is ImageFault.IMAGE_TOO_LARGE
    assert rejection.value.detail == {"width": width, "height": height, "type": "PNG", "maxSide": 1000}


def test_more_pixels_per_byte_than_the_limit_are_too_many() -> None:
    header = Header(type=ImageType.PNG, stored_width=1000, stored_height=100)
    validate_header(header, size=1000, limits=Limits(max_ratio=100))
    with pytest.raises(ImageRejected) as rejection:
        validate_header(header, size=999, limits=Limits(max_ratio=100))
    assert rejection.value.reason is ImageFault.IMAGE_TOO_LARGE
    assert rejection.value.detail == {"width": 1000, "height": 100, "bytes": 999, "type": "PNG", "maxRatio": 100}


def test_more_frames_than_the_limit_are_too_many() -> None:
    header = Header(type=ImageType.PNG, stored_width=10, stored_height=10, frames=4)
    validate_header(header, size=100, limits=Limits(max_frames=4))
    with pytest.raises(ImageRejected) as rejection:
        validate_header(header, size=100, limits=Limits(max_frames=3))
    assert rejection.value.reason is ImageFault.IMAGE_TOO_LARGE
    assert rejection.value.detail == {"type": "PNG", "maxFrames": 3}


def test_uncounted_frames_are_not_checked_against_the_limit() -> None:
    header = Header(type=ImageType.GIF, stored_width=10, stored_height=10, frames=None)
    validate_header(header, size=100, limits=Limits(max_frames=1))


def test_camera_raw_is_limited_to_the_memory_that_a_full_development_takes() -> None:
    small, large = (Header(type=ImageType.RAW, stored_width=side, stored_height=10_000) for side in (1000, 10_000))
    assert decoding_bytes(small) == 14 * 10_000_000
    assert decoding_bytes(large) == MAX_DECODING_BYTES
