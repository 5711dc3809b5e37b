import pytest
from PIL import Image
from tests.unit.imagekit.operations.making import noise, read
from tests.unit.pictures import ORIENTATIONS, corners_of, decoded, encoded, four_corners, photograph
from tests.unit.robustness.samples import SAMPLES

from imagekit.geometry import WHOLE, Box
from imagekit.redaction.detection_pictures import detection_pictures
from imagekit.rejection import ImageFault, ImageRejected
from safelight_contracts.rekognition import MAX_BYTES

UPPER_RIGHT = Box(left=0.5, top=0, right=1, bottom=0.5)


@pytest.mark.parametrize("orientation", ORIENTATIONS)
def test_the_pictures_are_parts_of_the_upright_image(orientation: int) -> None:
    data = photograph(width=480, height=320, orientation=orientation)
    (_, whole), (number, quarter) = detection_pictures(read(data), places=[WHOLE, UPPER_RIGHT])
    assert number == 1
    assert corners_of(decoded(whole)) == {name: name for name in corners_of(four_corners(8, 8))}
    assert decoded(whole).size == (480, 320)
    assert decoded(quarter).size == (240, 160)
    assert set(corners_of(decoded(quarter)).values()) == {"top right"}


def test_a_large_picture_is_scaled_down_and_a_small_one_up() -> None:
    (_, large), (_, part) = detection_pictures(
        read(encoded(four_corners(4000, 2000), "JPEG")), places=[WHOLE, Box(left=0, top=0, right=0.25, bottom=0.5)]
    )
    assert decoded(large).size == (1920, 960)
    assert decoded(part).size == (1000, 1000)
    ((_, small),) = detection_pictures(read(encoded(four_corners(20, 40), "PNG")), places=[WHOLE])
    assert decoded(small).size == (80, 160)


def test_a_transparent_image_is_shown_on_white_on_black_and_without_its_transparency() -> None:
    picture = Image.new("RGBA", (100, 100), (100, 100, 100, 51))
    pictures = detection_pictures(read(encoded(picture, "PNG")), places=[WHOLE])
    assert [number for number, _ in pictures] == [0, 0, 0]
    shown = [decoded(file).getpixel((50, 50)) for _, file in pictures]
    assert shown == [(224, 224, 224), (20, 20, 20), (100, 100, 100)]


@pytest.mark.parametrize("image_type", ["PNG", "TIFF"])
def test_colours_under_a_pattern_of_faint_pixels_are_shown_as_the_file_holds_them(image_type: str) -> None:
    photo = four_corners(320, 320)
    lines = Image.new("L", (320, 320), 8)
    for top in range(0, 320, 16):
        lines.paste(255, (0, top, 320, top + 1))
    faint = photo.copy()
    faint.putalpha(lines)
    *_, (_, bare) = detection_pictures(read(encoded(faint, image_type)), places=[WHOLE])
    assert corners_of(decoded(bare)) == corners_of(photo)


def test_an_opaque_image_with_an_alpha_channel_is_shown_once() -> None:
    picture = Image.new("RGBA", (100, 100), (100, 100, 100, 255))
    assert len(detection_pictures(read(encoded(picture, "PNG")), places=[WHOLE])) == 1


def test_a_picture_of_noise_is_small_enough() -> None:
    data = encoded(Image.fromarray(noise(1920, 1920)), "PNG", compress_level=0)
    ((_, file),) = detection_pictures(read(data), places=[WHOLE])
    assert len(file) <= MAX_BYTES


def test_an_image_longer_than_16_to_1_is_rejected() -> None:
    with pytest.raises(ImageRejected) as rejected:
        detection_pictures(read(encoded(four_corners(1700, 100), "PNG")), places=[WHOLE])
    assert rejected.value.reason is ImageFault.IMAGE_TOO_LARGE


@pytest.mark.parametrize("name", ["animated GIF", "animated WEBP"])
def test_an_animation_is_rejected(name: str) -> None:
    with pytest.raises(ImageRejected) as rejected:
        detection_pictures(read(SAMPLES[name]), places=[WHOLE])
    assert rejected.value.reason is ImageFault.UNSUPPORTED_TYPE
