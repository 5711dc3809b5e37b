from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError
from botocore.stub import Stubber
from tests.unit.recorded import Recorded

from awskit import clients
from awskit.published import list_versions, put_rendition, remove_versions
from awskit.storage import ServiceBusy

if TYPE_CHECKING:
    from mypy_boto3_s3.type_defs import ObjectIdentifierTypeDef

PREFIX = "p1/a.jpg/0123/"


@pytest.fixture
def fake_s3(aws: Recorded) -> Iterator[Stubber]:  # noqa: ARG001 - sets up the functions' client
    """An S3 that gives the answers of the test: those that no emulator can be made to give."""
    with Stubber(clients.s3()) as fake:
        yield fake
        fake.assert_no_pending_responses()


def put(aws: Recorded, key: str, data: bytes = b"") -> None:
    put_rendition(bucket=aws.bucket, key=key, data=data, content_type="image/jpeg", cache_control="public, max-age=9")


def remove_all(aws: Recorded, *, prefix: str = PREFIX) -> None:
    remove_versions(list_versions(bucket=aws.bucket, prefix=prefix), bucket=aws.bucket)


def version(aws: Recorded, status: Any) -> None:
    aws.emulator.endpoints.s3.put_bucket_versioning(Bucket=aws.bucket, VersioningConfiguration={"Status": status})


def test_a_rendition_is_written_with_its_type_and_how_long_it_may_be_kept(aws: Recorded) -> None:
    put(aws, f"{PREFIX}tile.jpg", b"first")
    there = aws.emulator.endpoints.s3.get_object(Bucket=aws.bucket, Key=f"{PREFIX}tile.jpg")
    assert there["Body"].read() == b"first"
    assert (there["ContentType"], there["CacheControl"]) == ("image/jpeg", "public, max-age=9")


def test_a_rendition_has_a_marker_in_its_metadata(aws: Recorded) -> None:
    put(aws, f"{PREFIX}tile.jpg")
    there = aws.emulator.endpoints.s3.head_object(Bucket=aws.bucket, Key=f"{PREFIX}tile.jpg")
    assert there["Metadata"] == {"safelight-rendition": "true"}


def test_only_objects_under_the_prefix_are_removed(aws: Recorded) -> None:
    for key in (f"{PREFIX}tile.jpg", f"{PREFIX}scaled.jpg", "p1/a.jpg/01234/tile.jpg", "p1/a.jpg/tile.jpg"):
        put(aws, key)
    remove_all(aws)
    assert aws.keys() == ["p1/a.jpg/01234/tile.jpg", "p1/a.jpg/tile.jpg"]


def test_all_versions_are_removed_from_a_versioned_bucket(aws: Recorded) -> None:
    put(aws, f"{PREFIX}before.jpg")
    version(aws, "Enabled")
    s3 = aws.emulator.endpoints.s3
    for _ in range(2):
        put(aws, f"{PREFIX}tile.jpg")
        s3.delete_object(Bucket=aws.bucket, Key=f"{PREFIX}tile.jpg")
    put(aws, f"{PREFIX}tile.jpg")
    version(aws, "Suspended")
    put(aws, f"{PREFIX}tile.jpg")
    remove_all(aws)
    left = s3.list_object_versions(Bucket=aws.bucket)
    assert left.get("Versions", []) == left.get("DeleteMarkers", []) == []


def test_an_empty_prefix_removes_nothing(aws: Recorded) -> None:
    remove_all(aws)
    assert aws.keys() == []


@pytest.mark.parametrize("name", ["é 写真 +%20", "a&b<c>d'e\"f", "line\nbreak", "a//b", "\u202e"])
def test_a_key_of_any_characters_is_removed(aws: Recorded, name: str) -> None:
    prefix = f"p1/{name}/0123/"
    put(aws, f"{prefix}tile.jpg")
    remove_all(aws, prefix=prefix)
    assert aws.keys() == []


def test_a_bucket_that_does_not_exist_is_an_error(aws: Recorded) -> None:  # noqa: ARG001 - its clients
    with pytest.raises(ClientError, match="NoSuchBucket"):
        put_rendition(bucket="nowhere", key="k", data=b"", content_type="image/jpeg", cache_control="no-cache")


def test_objects_that_were_not_removed_are_an_error_to_retry(fake_s3: Stubber) -> None:
    refused = [{"Key": f"{PREFIX}tile.jpg", "VersionId": "null", "Code": "InternalError"}]
    fake_s3.add_response("delete_objects", {"Errors": refused})
    with pytest.raises(ServiceBusy, match="1 objects were not removed: InternalError"):
        remove_versions([{"Key": f"{PREFIX}tile.jpg", "VersionId": "null"}], bucket="published")


def test_more_than_one_request_takes_are_removed_by_several(fake_s3: Stubber) -> None:
    found: list[ObjectIdentifierTypeDef] = [{"Key": str(number), "VersionId": "null"} for number in range(1001)]
    for batch in (found[:1000], found[1000:]):
        fake_s3.add_response("delete_objects", {}, {"Bucket": "b", "Delete": {"Objects": batch, "Quiet": True}})
    remove_versions(found, bucket="b")


@pytest.mark.parametrize("character", ["\x01", "\x0b", "\x1f", "\uffff"])
def test_a_key_that_xml_cannot_hold_is_removed_by_its_own_request(fake_s3: Stubber, character: str) -> None:
    """The emulator cannot list such a key."""
    odd: ObjectIdentifierTypeDef = {"Key": f"p1/{character}/0123/tile.jpg", "VersionId": "null"}
    even: ObjectIdentifierTypeDef = {"Key": f"{PREFIX}tile.jpg", "VersionId": "null"}
    fake_s3.add_response("delete_object", {}, {"Bucket": "b", **odd})
    fake_s3.add_response("delete_objects", {}, {"Bucket": "b", "Delete": {"Objects": [even], "Quiet": True}})
    remove_versions([odd, even], bucket="b")


@pytest.mark.parametrize("operation", ["put_object", "list_object_versions", "delete_objects"])
def test_the_workflow_retries_while_a_bucket_is_busy(aws: Recorded, fake_s3: Stubber, operation: str) -> None:
    if operation == "delete_objects":
        found: dict[str, Any] = {"Versions": [{"Key": f"{PREFIX}tile.jpg", "VersionId": "null"}]}
        fake_s3.add_response("list_object_versions", found)
    fake_s3.add_client_error(operation, service_error_code="SlowDown", http_status_code=503)
    with pytest.raises(ServiceBusy):
        put(aws, "k") if operation == "put_object" else remove_all(aws)


def test_objects_under_a_longer_key_with_the_same_prefix_stay(aws: Recorded) -> None:
    nested = "p1/a.jpg/0a/b.jpg/0b/tile.jpg"
    for key in ("p1/a.jpg/0a/tile.jpg", nested):
        aws.emulator.endpoints.s3.put_object(Bucket=aws.bucket, Key=key, Body=b"x")
    remove_versions(list_versions(bucket=aws.bucket, prefix="p1/a.jpg/0a/"), bucket=aws.bucket)
    assert aws.keys() == [nested]
