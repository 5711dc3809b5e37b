"""Images read from S3: the emulator's, over TLS, as the environment says."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from tests.local.rekognition import photographs
from tests.local.rekognition.stand_in import StandIn, rekognition_client, running_stand_in

from safelight_local.emulator.process import Emulator
from safelight_local.rekognition.server import FIXTURES_PATH

if TYPE_CHECKING:
    from mypy_boto3_rekognition import RekognitionClient
    from mypy_boto3_s3 import S3Client

BUCKET = "photographs"


@pytest.fixture(scope="module")
def s3(emulator: Emulator) -> "S3Client":
    client = emulator.endpoints.s3
    client.create_bucket(Bucket=BUCKET)
    client.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
    return client


@pytest.fixture(scope="module")
def stand_in(emulator: Emulator, tmp_path_factory: pytest.TempPathFactory) -> Iterator[StandIn]:
    folder: Path = tmp_path_factory.mktemp("rekognition")
    with running_stand_in(folder, variables=emulator.endpoints.variables()) as started:
        yield started


@pytest.fixture(scope="module")
def rekognition(stand_in: StandIn) -> "RekognitionClient":
    return rekognition_client(stand_in)


def names(client: "RekognitionClient", **s3_object: str) -> set[str]:
    reference: Any = {"Bucket": BUCKET, **s3_object}
    answer = client.detect_labels(Image={"S3Object": reference})
    return {label["Name"] for label in answer["Labels"]}


@pytest.mark.parametrize("key", ["cat.jpg", "p/q r+s%20\u00fc\u732b.jpg"])
def test_an_object_is_read_by_its_key_as_it_is(s3: "S3Client", rekognition: "RekognitionClient", key: str) -> None:
    s3.put_object(Bucket=BUCKET, Key=key, Body=photographs.encoded(photographs.cat()))
    assert "Cat" in names(rekognition, Name=key)


def test_an_older_version_of_an_object_is_read_when_it_is_named(
    s3: "S3Client", rekognition: "RekognitionClient"
) -> None:
    key = "versions.jpg"
    older = s3.put_object(Bucket=BUCKET, Key=key, Body=photographs.encoded(photographs.cat()))
    s3.put_object(Bucket=BUCKET, Key=key, Body=photographs.encoded(photographs.cup()))
    assert "Cat" in names(rekognition, Name=key, Version=older["VersionId"])
    assert "Cup" in names(rekognition, Name=key)


def test_a_missing_key_is_an_invalid_object(
    s3: "S3Client",  # noqa: ARG001 - makes the bucket
    rekognition: "RekognitionClient",
) -> None:
    with pytest.raises(rekognition.exceptions.InvalidS3ObjectException):
        names(rekognition, Name="not-there.jpg")


def test_an_object_over_15_mb_is_too_large(s3: "S3Client", rekognition: "RekognitionClient") -> None:
    s3.put_object(Bucket=BUCKET, Key="large.jpg", Body=bytes(15 * 1024 * 1024 + 1))
    with pytest.raises(rekognition.exceptions.ImageTooLargeException):
        names(rekognition, Name="large.jpg")


def test_an_object_of_6_mb_is_read_although_bytes_are_limited_to_5_mb(
    s3: "S3Client", rekognition: "RekognitionClient"
) -> None:
    body = photographs.encoded(photographs.cat()).ljust(6_000_000, b"\0")
    s3.put_object(Bucket=BUCKET, Key="six.jpg", Body=body)
    assert "Cat" in names(rekognition, Name="six.jpg")


def test_a_fixture_names_an_object_by_a_pattern_of_keys(
    s3: "S3Client", stand_in: StandIn, rekognition: "RekognitionClient"
) -> None:
    key = "park/x/unsafe.jpg"
    s3.put_object(Bucket=BUCKET, Key=key, Body=photographs.encoded(photographs.cup()))
    stand_in.send(
        "PUT",
        f"{FIXTURES_PATH}/unsafe",
        body=b"""{"key": "park/*/unsafe.jpg", "answers": {"DetectModerationLabels":
            [{"response": {"ModerationLabels": [{"Name": "Violence", "Confidence": 99.0, "ParentName": ""}]}}]}}""",
    )
    answer = rekognition.detect_moderation_labels(Image={"S3Object": {"Bucket": BUCKET, "Name": key}})
    assert [label["Name"] for label in answer["ModerationLabels"]] == ["Violence"]


def test_a_fixture_does_not_hide_an_unreadable_object(
    s3: "S3Client",  # noqa: ARG001 - makes the bucket
    stand_in: StandIn,
    rekognition: "RekognitionClient",
) -> None:
    stand_in.send(
        "PUT",
        f"{FIXTURES_PATH}/hidden",
        body=b'{"key": "hidden.jpg", "answers": {"DetectLabels": [{"response": {"Labels": []}}]}}',
    )
    with pytest.raises(rekognition.exceptions.InvalidS3ObjectException):
        names(rekognition, Name="hidden.jpg")
