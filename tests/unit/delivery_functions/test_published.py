"""What a workflow has published: URLs name the key of the upload, and nothing else can be reached."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from hashlib import md5
from io import BytesIO
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st
from PIL import Image
from tests.unit.delivery_functions.delivering import Answered, Delivering, photograph
from tests.unit.recorded import Recorded

from awskit.records.focal_points import focal_point_of
from awskit.records.table import item, plain
from safelight_contracts.delivery.refusals import Refusal
from safelight_contracts.delivery.request_urls import MAX_KEY
from safelight_contracts.delivery.settings import DeliverySettings, RecordsSource

KEY = "p1/a.jpg"


@pytest.fixture
def published(
    configure: Callable[[DeliverySettings], Delivering], settings: DeliverySettings, aws: Recorded
) -> Delivering:
    """A delivery of what a workflow publishes in the bucket of the first source, in every size."""
    records = RecordsSource(table=aws.table, workflow=aws.workflow, rendition="master")
    return configure(replace(settings, records=records, sizes=(), is_open=True))


@pytest.fixture
def publish(published: Delivering, aws: Recorded) -> Callable[..., str]:
    """Publish a set of renditions of the upload, and return the key of the master."""

    def point_at(data: bytes, *, attempt: str, **more: object) -> str:
        master = f"{KEY}/{attempt}/master.jpg"
        published.put(data, key=master)
        renditions = [{"name": "tile", "key": f"{KEY}/{attempt}/tile.jpg"}, {"name": "master", "key": master}]
        asset = item({"renditions": renditions, "attempt": attempt} | more)
        published.emulator.endpoints.dynamodb.put_item(
            TableName=aws.table, Item=aws.records.asset_key(KEY, place_id="p1") | asset
        )
        return master

    return point_at


@pytest.fixture
def withdraw(published: Delivering, aws: Recorded) -> Callable[[], object]:
    """Delete the asset of the upload, as a withdrawal does first."""
    return lambda: published.emulator.endpoints.dynamodb.delete_item(
        TableName=aws.table, Key=aws.records.asset_key(KEY, place_id="p1")
    )


def test_a_url_names_the_upload_and_gets_what_is_published_of_it(
    published: Delivering, publish: Callable[..., str]
) -> None:
    publish(photograph(), attempt="1")
    assert published.get(KEY, preset="card").picture.width == 80


def test_an_upload_that_is_not_published_is_not_found(published: Delivering) -> None:
    published.put(photograph(), key=KEY)
    published.put(photograph(), key=f"{KEY}/1/master.jpg")
    for key in (KEY, f"{KEY}/1/master.jpg"):
        assert published.get(key, preset="card").is_refusal(Refusal.NOT_FOUND)


@pytest.mark.parametrize(
    "renditions",
    [
        None,
        "master",
        7,
        {"name": "master", "key": f"{KEY}/1/master.jpg"},
        ["master", None, 7, []],
        [{"name": "master"}],
        [{"key": f"{KEY}/1/master.jpg"}],
        [{"name": "master", "key": None}],
        [{"name": "master", "key": 7}],
        [{"name": "master", "key": ""}],
        [{"name": None, "key": f"{KEY}/1/master.jpg"}],
    ],
    ids=str,
)
def test_an_asset_that_names_no_rendition_publishes_nothing(
    published: Delivering, publish: Callable[..., str], renditions: object
) -> None:
    publish(photograph(), attempt="1", renditions=renditions)
    assert published.get(KEY, preset="card").is_refusal(Refusal.NOT_FOUND)


def test_a_withdrawn_upload_is_not_found_although_its_objects_are_there(
    published: Delivering, publish: Callable[..., str], withdraw: Callable[[], object]
) -> None:
    publish(photograph(), attempt="1")
    assert published.get(KEY, preset="card").status == 200
    withdraw()
    assert published.get(KEY, preset="card").is_refusal(Refusal.NOT_FOUND)
    assert published.stored() == []


def test_a_set_that_is_published_while_an_image_is_made_is_what_is_answered(
    published: Delivering,
    publish: Callable[..., str],
    before_storing: Callable[[Callable[[], object]], None],
) -> None:
    publish(photograph("chelsea.png"), attempt="2")
    expected = published.get(KEY, preset="auto").body
    publish(photograph("coffee.png"), attempt="1")
    before_storing(lambda: publish(photograph("chelsea.png"), attempt="2"))
    assert published.get(KEY, preset="auto").body == expected


def test_an_upload_that_is_withdrawn_while_an_image_is_made_is_not_found(
    published: Delivering,
    publish: Callable[..., str],
    withdraw: Callable[[], object],
    before_storing: Callable[[Callable[[], object]], None],
) -> None:
    publish(photograph(), attempt="1")
    before_storing(withdraw)
    assert published.get(KEY, preset="card").is_refusal(Refusal.NOT_FOUND)
    assert published.stored("") == []


def test_the_events_of_the_workflow_forget_the_results_of_an_upload(
    published: Delivering, publish: Callable[..., str]
) -> None:
    publish(photograph(), attempt="1")
    published.get(KEY, preset="card")
    event = {"source": "safelight", "detail-type": "Image Withdrawn", "detail": {"bucket": "uploads", "key": KEY}}
    assert published.forget_messages(event) == []
    assert published.stored() == []


def test_a_key_that_no_upload_can_have_is_not_found(published: Delivering) -> None:
    longest = "p1/" + "a" * (MAX_KEY - 3)
    assert published.get(longest, preset="card").is_refusal(Refusal.NOT_FOUND)


RED_LEFT, RED_RIGHT = (0, 0, 150, 300), (150, 0, 300, 300)


def half_red(box: tuple[int, int, int, int]) -> bytes:
    picture = Image.new("RGB", (300, 300), "blue")
    picture.paste("red", box)
    file = BytesIO()
    picture.save(file, "PNG")
    return file.getvalue()


def colour(answer: Answered) -> str:
    """The main colour of an image."""
    picture = answer.picture.convert("RGB")
    red, _, blue = picture.resize((1, 1)).tobytes()
    return "red" if red > blue else "blue"


CROPPED: dict[str, Any] = {"width": 20, "height": 80, "fit": "cover", "format": "png"}


@pytest.mark.parametrize(("x", "seen"), [("0.1", "blue"), ("0.9", "red")])
def test_a_crop_keeps_the_focal_point_of_the_record(
    published: Delivering, publish: Callable[..., str], x: str, seen: str
) -> None:
    publish(half_red(RED_RIGHT), attempt="1", focalPoint={"x": Decimal(x), "y": Decimal("0.5")})
    assert colour(published.get(KEY, **CROPPED)) == seen


@pytest.mark.parametrize("path", ["/unsafe/20x80/", "/20x80/"])
def test_a_crop_of_a_path_keeps_the_focal_point_too(
    published: Delivering, publish: Callable[..., str], path: str
) -> None:
    publish(half_red(RED_LEFT), attempt="1", focalPoint={"x": Decimal("0.1"), "y": Decimal("0.5")})
    assert colour(published.send(f"{path}{KEY}")) == "red"


def test_a_focus_that_the_request_names_counts(published: Delivering, publish: Callable[..., str]) -> None:
    publish(half_red(RED_RIGHT), attempt="1", focalPoint={"x": Decimal("0.9"), "y": Decimal("0.5")})
    assert colour(published.get(KEY, **CROPPED, focus="0.1,0.5")) == "blue"
    assert colour(published.send(f"/20x80/left/{KEY}")) == "blue"


def test_what_is_not_cropped_has_no_focal_point(published: Delivering, publish: Callable[..., str]) -> None:
    publish(half_red(RED_RIGHT), attempt="1", focalPoint={"x": Decimal("0.9"), "y": Decimal("0.5")})
    assert published.get(KEY, width=100, format="png").picture.size == (100, 100)


def test_a_crop_of_the_request_comes_before_the_focal_point(published: Delivering, publish: Callable[..., str]) -> None:
    publish(half_red(RED_RIGHT), attempt="1", focalPoint={"x": Decimal("0.9"), "y": Decimal("0.5")})
    assert colour(published.send(f"/0x0:150x300/20x80/{KEY}")) == "blue"


@pytest.mark.parametrize(
    ("more", "cache_control"),
    [
        ({}, "max-age=31536000, immutable"),
        ({"focalPoint": {"x": Decimal("0.9"), "y": Decimal("0.5")}}, "max-age=300, stale-while-revalidate=60"),
    ],
    ids=["the middle", "the focal point"],
)
def test_a_version_does_not_name_the_focal_point_of_a_crop(
    published: Delivering, publish: Callable[..., str], more: dict[str, Any], cache_control: str
) -> None:
    picture = half_red(RED_RIGHT)
    publish(picture, attempt="1", **more)
    version = md5(picture, usedforsecurity=False).hexdigest()[:8]
    for _ in ("made", "stored"):
        assert published.get(KEY, **CROPPED, v=version).headers["Cache-Control"] == cache_control
    uncropped = published.get(KEY, width=100, format="png", v=version)
    assert uncropped.headers["Cache-Control"] == "max-age=31536000, immutable"


hostile = (
    st.none()
    | st.booleans()
    | st.text(max_size=20)
    | st.integers(min_value=-(10**30), max_value=10**30).map(Decimal)
    | st.decimals(min_value=-2, max_value=2, places=6)
    | st.binary(max_size=5)
)


@given(
    focal_point=hostile
    | st.lists(hostile, max_size=3)
    | st.dictionaries(st.sampled_from(["x", "y", "z"]), hostile | st.lists(hostile, max_size=2), max_size=3)
)
@examples(max_examples=300)
def test_a_focal_point_is_in_the_picture_or_ignored(focal_point: object) -> None:
    found = focal_point_of({"sk": "ASSET", **plain(item({"focalPoint": focal_point}))})
    assert found is None or all(0 <= part <= 1 for part in found)


def test_a_bad_focal_point_of_an_asset_without_a_sort_key_is_ignored_too() -> None:
    assert focal_point_of({"focalPoint": "0.5,0.5"}) is None


@pytest.mark.parametrize(
    "bad",
    [
        "0.5,0.5",
        {"x": "0.5", "y": "0.5"},
        {"x": Decimal("0.5")},
        {"x": Decimal("1.01"), "y": Decimal(0)},
        {"x": Decimal(-1), "y": Decimal("1e30")},
        [Decimal(0), Decimal(1)],
        {"x": True, "y": False},
        {"x": {"y": None}, "y": b"x"},
    ],
)
def test_a_bad_focal_point_is_ignored_with_a_warning(
    published: Delivering, publish: Callable[..., str], caplog: pytest.LogCaptureFixture, bad: object
) -> None:
    publish(half_red((100, 0, 200, 300)), attempt="1", focalPoint=bad)
    assert colour(published.get(KEY, **CROPPED)) == "red"
    (warning,) = (record for record in caplog.records if record.levelname == "WARNING")
    assert "The focal point is not a map of x and y" in warning.getMessage()
