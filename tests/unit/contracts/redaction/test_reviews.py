"""What is kept for the review of a redacted copy."""

import json
from dataclasses import replace

from safelight_contracts.redaction.boxes import BoxKind
from safelight_contracts.redaction.reviews import (
    REVIEWS,
    FrameBoxes,
    PhotoBox,
    PhotoReview,
    TrackBox,
    VideoReview,
    after_key,
    before_key,
    boxes_key,
    review_prefix,
)

_PHOTO = PhotoReview(
    made_from="0123",
    width=640,
    height=480,
    boxes=[PhotoBox(kind=BoxKind.PLATE, left=10, top=20, width=30, height=40, confidence=99.5)],
)
_VIDEO = VideoReview(
    etag='"abc"',
    version_id="v1",
    redaction="f00d",
    width=640,
    height=480,
    tracks=2,
    every=1,
    frames=[FrameBoxes(seconds=0.5, boxes=[TrackBox(track=1, left=10, top=20, right=30, bottom=40)])],
)


def test_the_objects_of_a_copy_are_in_one_folder_of_reviews() -> None:
    prefix = review_prefix("photos/a.jpg")

    keys = [key("photos/a.jpg") for key in (boxes_key, before_key, after_key)]

    assert prefix.startswith(REVIEWS)
    assert keys == [f"{prefix}boxes.json", f"{prefix}before.jpg", f"{prefix}after.jpg"]


def test_a_key_of_a_review_does_not_tell_the_key_of_the_copy() -> None:
    assert "anna" not in boxes_key("visitors/anna.jpg")


def test_copies_with_different_keys_have_different_folders() -> None:
    assert review_prefix("a/b.jpg") != review_prefix("a_b.jpg")


def test_a_review_of_a_photograph_is_read_as_it_was_written() -> None:
    assert PhotoReview.from_json(json.loads(json.dumps(_PHOTO.as_json()))) == _PHOTO


def test_a_review_of_a_video_is_read_as_it_was_written() -> None:
    assert VideoReview.from_json(json.loads(json.dumps(_VIDEO.as_json()))) == _VIDEO


def test_boxes_of_a_video_are_written_as_lists_of_numbers() -> None:
    assert _VIDEO.as_json()["frames"] == [[0.5, [[1, 10, 20, 30, 40]]]]


def test_a_review_belongs_to_the_copy_with_its_metadata() -> None:
    assert _PHOTO.is_of(_PHOTO.metadata | {"other": "x"})
    assert _VIDEO.is_of(_VIDEO.metadata | {"other": "x"})


def test_a_review_does_not_belong_to_a_copy_of_another_upload() -> None:
    assert not _PHOTO.is_of(replace(_PHOTO, made_from="4567").metadata)
    assert not _VIDEO.is_of(replace(_VIDEO, version_id=None).metadata)


def test_a_review_does_not_belong_to_a_copy_that_nothing_is_known_of() -> None:
    assert not _PHOTO.is_of({})
    assert not _VIDEO.is_of({})
