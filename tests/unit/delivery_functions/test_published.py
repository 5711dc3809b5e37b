"""What a workflow has published: URLs name the key of the upload, and nothing else can be reached."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from tests.unit.delivery_functions.delivering import Delivering, photograph
from tests.unit.recorded import Recorded

from awskit.records.table import item
from safelight_contracts.delivery.refusals import Refusal
from safelight_contracts.delivery.request_urls import MAX_KEY
from safelight_contracts.delivery.settings import DeliverySettings, RecordsSource

KEY = "p1/a.jpg"


@pytest.fixture
def published(
    configure: Callable[[DeliverySettings], Delivering], settings: DeliverySettings, aws: Recorded
) -> Delivering:
    """A delivery of what a workflow publishes in the bucket of the first source."""
    records = RecordsSource(table=aws.table, workflow=aws.workflow, rendition="master")
    return configure(replace(settings, records=records))


@pytest.fixture
def publish(published: Delivering, aws: Recorded) -> Callable[..., str]:
    """Publish a set of renditions of the upload, and return the key of the master."""

    def point_at(data: bytes, *, attempt: str) -> str:
        master = f"{KEY}/{attempt}/master.jpg"
        published.put(data, key=master)
        renditions = [{"name": "tile", "key": f"{KEY}/{attempt}/tile.jpg"}, {"name": "master", "key": master}]
        asset = item({"renditions": renditions, "attempt": attempt})
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
