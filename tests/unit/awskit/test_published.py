from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from botocore.exceptions import ClientError
from botocore.stub import ANY, Stubber

from awskit import clients
from awskit.published import PublishedObjectContended, put_newest
from awskit.rejection import RejectedImage, UploadFault
from awskit.storage import StorageBusy
from safelight_local.emulator import Emulator

BUCKET = "published"


@pytest.fixture(scope="module")
def _bucket(emulator: Emulator) -> None:
    emulator.endpoints.s3.create_bucket(Bucket=BUCKET)


@pytest.fixture
def aws(emulated_aws: Emulator, _bucket: None) -> Iterator[Emulator]:
    yield emulated_aws
    for item in emulated_aws.endpoints.s3.list_objects_v2(Bucket=BUCKET).get("Contents", []):
        emulated_aws.endpoints.s3.delete_object(Bucket=BUCKET, Key=item["Key"])


@pytest.fixture
def fake_s3(aws: Emulator) -> Iterator[Stubber]:  # noqa: ARG001 - sets up the functions' client
    """An S3 that gives the answers of the test: those that no emulator can be made to give."""
    with Stubber(clients.s3()) as fake:
        yield fake
        fake.assert_no_pending_responses()


def put(data: bytes, *, sequencer: str, key: str = "p1/a.jpg/tile.jpg") -> None:
    put_newest(bucket=BUCKET, key=key, data=data, content_type="image/jpeg", sequencer=sequencer)


def content(aws: Emulator) -> bytes:
    return aws.endpoints.s3.get_object(Bucket=BUCKET, Key="p1/a.jpg/tile.jpg")["Body"].read()


def test_a_rendition_is_written_with_its_type_and_what_it_was_made_of(aws: Emulator) -> None:
    put(b"first", sequencer="0A")
    there = aws.endpoints.s3.head_object(Bucket=BUCKET, Key="p1/a.jpg/tile.jpg")
    assert there["ContentType"] == "image/jpeg"
    assert there["CacheControl"] == "public, max-age=300"
    assert there["Metadata"] == {"sequencer": "0A"}


def test_a_newer_upload_replaces_an_older_one(aws: Emulator) -> None:
    put(b"first", sequencer="0A")
    put(b"second", sequencer="0B")
    assert content(aws) == b"second"


def test_an_older_upload_never_replaces_a_newer_one(aws: Emulator) -> None:
    put(b"second", sequencer="0B")
    with pytest.raises(RejectedImage) as rejection:
        put(b"first", sequencer="0A")
    assert rejection.value.reason is UploadFault.SUPERSEDED
    assert content(aws) == b"second"


def test_a_second_run_of_the_same_upload_writes_the_same_object(aws: Emulator) -> None:
    put(b"first", sequencer="0A")
    put(b"first", sequencer="0A")
    assert content(aws) == b"first"


def test_an_object_that_was_not_made_of_an_upload_is_replaced(aws: Emulator) -> None:
    aws.endpoints.s3.put_object(Bucket=BUCKET, Key="p1/a.jpg/tile.jpg", Body=b"foreign")
    put(b"first", sequencer="0A")
    assert content(aws) == b"first"


def test_of_writers_at_the_same_time_the_newest_wins(aws: Emulator) -> None:
    def write(sequencer: str) -> bool:
        try:
            put(sequencer.encode(), sequencer=sequencer)
        except RejectedImage:
            return False
        return True

    sequencers = ["0B", "0D", "0A", "0C"]
    with ThreadPoolExecutor(len(sequencers)) as writers:
        written = dict(zip(sequencers, writers.map(write, sequencers), strict=True))
    assert written["0D"]
    assert content(aws) == b"0D"


def test_a_bucket_that_does_not_exist_is_an_error(aws: Emulator) -> None:  # noqa: ARG001 - its clients
    with pytest.raises(ClientError, match="NoSuchBucket"):
        put_newest(bucket="nowhere", key="k", data=b"", content_type="image/jpeg", sequencer="0A")


REQUEST: dict[str, Any] = dict.fromkeys(["Bucket", "Key", "Body", "ContentType", "CacheControl", "Metadata"], ANY)
IF_ABSENT = {"IfNoneMatch": "*"}


def answer_put(fake_s3: Stubber, code: str, *, status: int, condition: dict[str, str]) -> None:
    fake_s3.add_client_error("put_object", code, http_status_code=status, expected_params=REQUEST | condition)


def test_a_write_that_met_another_is_tried_again_under_the_same_condition(fake_s3: Stubber) -> None:
    answer_put(fake_s3, "ConditionalRequestConflict", status=409, condition=IF_ABSENT)
    fake_s3.add_response("put_object", {}, expected_params=REQUEST | IF_ABSENT)
    put(b"first", sequencer="0A")


@pytest.mark.parametrize("status", [403, 404])
def test_an_object_that_is_gone_when_it_is_looked_at_is_written_as_if_it_had_never_been(
    fake_s3: Stubber, status: int
) -> None:
    answer_put(fake_s3, "PreconditionFailed", status=412, condition=IF_ABSENT)
    fake_s3.add_client_error("head_object", service_error_code=str(status), http_status_code=status)
    fake_s3.add_response("put_object", {}, expected_params=REQUEST | IF_ABSENT)
    put(b"first", sequencer="0A")


def test_an_object_that_is_gone_when_it_is_to_be_replaced_is_written_as_if_it_had_never_been(
    fake_s3: Stubber,
) -> None:
    answer_put(fake_s3, "PreconditionFailed", status=412, condition=IF_ABSENT)
    fake_s3.add_response("head_object", {"ETag": '"older"', "Metadata": {"sequencer": "09"}})
    answer_put(fake_s3, "NoSuchKey", status=404, condition={"IfMatch": '"older"'})
    fake_s3.add_response("put_object", {}, expected_params=REQUEST | IF_ABSENT)
    put(b"first", sequencer="0A")


def test_a_write_that_always_meets_others_is_given_up_for_the_workflow_to_try_again(fake_s3: Stubber) -> None:
    for _ in range(5):
        answer_put(fake_s3, "ConditionalRequestConflict", status=409, condition=IF_ABSENT)
    with pytest.raises(PublishedObjectContended):
        put(b"first", sequencer="0A")


def test_a_busy_bucket_is_waited_out_by_the_workflow(fake_s3: Stubber) -> None:
    fake_s3.add_client_error("put_object", service_error_code="SlowDown", http_status_code=503)
    with pytest.raises(StorageBusy):
        put(b"first", sequencer="0A")
