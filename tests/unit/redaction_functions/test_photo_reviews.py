"""The boxes of a redacted photograph are kept for review, and are those of its copy."""

from io import BytesIO
from typing import Any

from PIL import Image
from tests.unit.redaction_functions.redacting import FACE, Redacting, striped

from awskit import clients
from safelight_contracts.redaction.boxes import BoxKind
from safelight_contracts.redaction.reviews import PhotoBox, boxes_key


def turned() -> bytes:
    """The picture of `striped`, which a viewer turns by a quarter: 160 x 200 pixels."""
    exif = Image.Exif()
    exif[0x0112] = 6
    return striped(exif=exif)


def test_the_boxes_are_the_pixels_that_are_covered(redacting: Redacting) -> None:
    redacting.put(striped())
    redacting.sees(FACE)
    assert redacting.handle()
    review = redacting.review()
    assert (review.width, review.height) == (200, 160)
    # A face of 100 x 80 pixels with 15 % more on each side, snapped outwards.
    assert review.boxes == [PhotoBox(kind=BoxKind.FACE, left=34, top=28, width=132, height=104, confidence=99.0)]
    with Image.open(BytesIO(redacting.copy()["Data"])) as picture:
        low, high = picture.convert("L").crop((34, 28, 166, 132)).getextrema()
    assert isinstance(low, int)
    assert isinstance(high, int)
    assert high - low < 60


def test_the_boxes_are_on_the_upright_image(redacting: Redacting) -> None:
    redacting.put(turned())
    redacting.sees(FACE)
    assert redacting.handle()
    review = redacting.review()
    assert (review.width, review.height) == (160, 200)


def test_an_image_without_faces_has_a_review_without_boxes(redacting: Redacting) -> None:
    redacting.put(striped())
    redacting.sees()
    assert redacting.handle()
    assert redacting.review().boxes == []


def test_a_box_outside_of_the_image_is_none(redacting: Redacting) -> None:
    redacting.put(striped())
    redacting.sees({"Left": 1.5, "Top": 0.1, "Width": 0.1, "Height": 0.1})
    assert redacting.handle()
    assert redacting.review().boxes == []


def test_the_review_is_that_of_the_copy(redacting: Redacting) -> None:
    for quality in (90, 91):
        redacting.put(striped(quality=quality))
        redacting.sees(FACE)
        assert redacting.handle()
        assert redacting.review().is_of(redacting.copy()["Metadata"])


def test_the_boxes_of_a_deleted_upload_are_deleted(redacting: Redacting) -> None:
    redacting.put(striped())
    redacting.sees(FACE)
    redacting.handle()
    redacting.delete()
    assert redacting.handle()
    assert redacting.reviewed() == []


def test_boxes_that_outlived_their_copy_are_deleted(redacting: Redacting) -> None:
    redacting.put(striped())
    redacting.sees(FACE)
    redacting.handle()
    redacting.delete()
    redacting.s3.delete_object(Bucket=redacting.destination, Key="a.jpg")
    assert redacting.handle()
    assert redacting.reviewed() == []


def test_without_its_boxes_no_copy_is_written(redacting: Redacting) -> None:
    redacting.put(striped())
    redacting.sees(FACE)
    redacting.s3.delete_bucket(Bucket=redacting.reviews)
    assert not redacting.handle()
    assert redacting.copies() == []


def test_a_copy_whose_boxes_are_gone_is_made_again_with_them(redacting: Redacting) -> None:
    redacting.put(striped())
    redacting.sees()
    redacting.handle()
    redacting.s3.delete_object(Bucket=redacting.reviews, Key=boxes_key("a.jpg"))
    redacting.sees(FACE)
    assert redacting.handle()
    assert len(redacting.review().boxes) == 1
    assert redacting.copy()["Metadata"]["safelight-redacted"] == '{"FACE": 1}'


def test_boxes_that_another_function_wrote_in_the_meantime_are_not_kept_for_this_copy(redacting: Redacting) -> None:
    redacting.put(striped())
    redacting.sees(FACE)
    waiting = [{"Bucket": redacting.reviews, "Key": boxes_key("a.jpg"), "Body": b"{}"}]

    def write_first(params: dict[str, Any], **_: object) -> None:
        if params["Bucket"] == redacting.reviews and waiting:
            redacting.s3.put_object(**waiting.pop())

    clients.s3().meta.events.register("provide-client-params.s3.PutObject", write_first)
    assert redacting.handle()
    assert redacting.review().is_of(redacting.copy()["Metadata"])


def test_a_review_says_nothing_of_the_key(redacting: Redacting) -> None:
    redacting.put(striped(), key="visitors/anna.jpg")
    redacting.sees(FACE)
    redacting.handle("visitors/anna.jpg")
    (key,) = redacting.reviewed()
    assert "anna" not in key
