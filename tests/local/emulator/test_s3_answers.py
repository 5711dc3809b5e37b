"""Responses of the emulator's S3 that functions depend on: missing, changed and archived objects."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError
from tests.local.emulator_clients import client

from safelight_local.emulator.endpoints import Endpoints
from safelight_local.emulator.process import Emulator

BUCKET = "upload-bucket"
ARCHIVES = ("GLACIER", "DEEP_ARCHIVE")
READ = {"Effect": "Allow", "Action": ["s3:GetObject", "s3:GetObjectVersion"], "Resource": f"arn:aws:s3:::{BUCKET}/*"}
LIST = {"Effect": "Allow", "Action": "s3:ListBucket", "Resource": f"arn:aws:s3:::{BUCKET}"}
LIST_INCOMING = LIST | {"Condition": {"StringLike": {"s3:prefix": "incoming/*"}}}


@pytest.fixture(scope="module")
def s3(emulator: Emulator) -> Any:
    made = client(emulator.endpoints, "s3")
    made.create_bucket(Bucket=BUCKET)
    made.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
    return made


def permitted(endpoints: Endpoints, name: str, *statements: dict[str, Any]) -> Any:
    """A client of S3 with the permissions of a new user."""
    iam = client(endpoints, "iam")
    iam.create_user(UserName=name)
    document = json.dumps({"Version": "2012-10-17", "Statement": list(statements)})
    iam.put_user_policy(UserName=name, PolicyName="only", PolicyDocument=document)
    key = iam.create_access_key(UserName=name)["AccessKey"]
    return client(endpoints, "s3", aws_access_key_id=key["AccessKeyId"], aws_secret_access_key=key["SecretAccessKey"])


@pytest.fixture(scope="module")
def lister(emulator: Emulator) -> Any:
    return permitted(emulator.endpoints, "lister", READ, LIST)


@pytest.fixture(scope="module")
def reader(emulator: Emulator) -> Any:
    return permitted(emulator.endpoints, "reader", READ)


@pytest.fixture(scope="module")
def prefix_lister(emulator: Emulator) -> Any:
    return permitted(emulator.endpoints, "prefix-lister", READ, LIST_INCOMING)


def refusal(call: Callable[..., Any], **arguments: Any) -> tuple[int, str]:
    with pytest.raises(ClientError) as raised:
        call(Bucket=BUCKET, **arguments)
    response: Any = raised.value.response
    return response["ResponseMetadata"]["HTTPStatusCode"], response["Error"]["Code"]


def absent(s3: Any) -> list[dict[str, str]]:
    """Arguments that read a missing object: never put, deleted, or a deleted version."""
    key = f"deleted-{id(object())}.jpg"
    version = s3.put_object(Bucket=BUCKET, Key=key, Body=b"image")["VersionId"]
    s3.put_object(Bucket=BUCKET, Key=key, Body=b"image 2")
    s3.delete_object(Bucket=BUCKET, Key=key, VersionId=version)
    s3.delete_object(Bucket=BUCKET, Key=key)
    return [{"Key": "never.jpg"}, {"Key": key}, {"Key": key, "VersionId": version}]


def test_callers_who_may_list_get_404_for_a_missing_object(s3: Any, lister: Any) -> None:
    answers = [refusal(lister.get_object, **arguments) for arguments in absent(s3)]
    assert answers == [(404, "NoSuchKey"), (404, "NoSuchKey"), (404, "NoSuchVersion")]
    assert {refusal(lister.head_object, **arguments) for arguments in absent(s3)} == {(404, "404")}


def test_callers_who_may_not_list_get_403_for_a_missing_object(s3: Any, reader: Any) -> None:
    assert {refusal(reader.get_object, **arguments) for arguments in absent(s3)} == {(403, "AccessDenied")}
    assert {refusal(reader.head_object, **arguments) for arguments in absent(s3)} == {(403, "403")}


@pytest.mark.usefixtures("s3")
def test_callers_who_may_list_a_prefix_get_404_under_it(prefix_lister: Any) -> None:
    assert refusal(prefix_lister.get_object, Key="incoming/never.jpg") == (404, "NoSuchKey")
    assert refusal(prefix_lister.get_object, Key="other/never.jpg") == (403, "AccessDenied")


def test_callers_who_may_not_list_can_read_objects(s3: Any, reader: Any) -> None:
    version = s3.put_object(Bucket=BUCKET, Key="there.jpg", Body=b"image")["VersionId"]
    assert reader.get_object(Bucket=BUCKET, Key="there.jpg")["Body"].read() == b"image"
    assert reader.head_object(Bucket=BUCKET, Key="there.jpg", VersionId=version)["ContentLength"] == len(b"image")


def test_an_object_with_another_etag_is_rejected(s3: Any, reader: Any) -> None:
    s3.put_object(Bucket=BUCKET, Key="changed.jpg", Body=b"image")
    assert refusal(reader.get_object, Key="changed.jpg", IfMatch='"0"') == (412, "PreconditionFailed")
    assert refusal(reader.head_object, Key="changed.jpg", IfMatch='"0"') == (412, "412")


@pytest.mark.parametrize("storage_class", ARCHIVES)
def test_an_archived_object_is_reported_and_not_read(s3: Any, reader: Any, storage_class: str) -> None:
    key = f"archived/{storage_class}.jpg"
    version = s3.put_object(Bucket=BUCKET, Key=key, Body=b"image", StorageClass=storage_class)["VersionId"]
    assert reader.head_object(Bucket=BUCKET, Key=key)["StorageClass"] == storage_class
    assert refusal(reader.get_object, Key=key) == (403, "InvalidObjectState")
    assert refusal(reader.get_object, Key=key, VersionId=version) == (403, "InvalidObjectState")
    listed = s3.list_objects_v2(Bucket=BUCKET, Prefix=key)["Contents"]
    assert [(it["Key"], it["StorageClass"]) for it in listed] == [(key, storage_class)]


@pytest.mark.parametrize("storage_class", ARCHIVES)
def test_an_archived_object_cannot_be_copied(s3: Any, storage_class: str) -> None:
    key = f"archived/copied {storage_class} 100%.jpg"
    version = s3.put_object(Bucket=BUCKET, Key=key, Body=b"image", StorageClass=storage_class)["VersionId"]
    for source in ({"Bucket": BUCKET, "Key": key}, {"Bucket": BUCKET, "Key": key, "VersionId": version}):
        assert refusal(s3.copy_object, Key="copy.jpg", CopySource=source) == (403, "ObjectNotInActiveTierError")


def test_an_object_in_instant_retrieval_is_not_archived(s3: Any) -> None:
    s3.put_object(Bucket=BUCKET, Key="instant.jpg", Body=b"image", StorageClass="GLACIER_IR")
    assert s3.get_object(Bucket=BUCKET, Key="instant.jpg")["Body"].read() == b"image"
    s3.copy_object(Bucket=BUCKET, Key="instant-copy.jpg", CopySource={"Bucket": BUCKET, "Key": "instant.jpg"})


def test_versions_of_a_key_are_listed_and_deleted_one_by_one_or_together(s3: Any) -> None:
    for _ in range(3):
        s3.put_object(Bucket=BUCKET, Key="versions/a.jpg", Body=b"image")
    s3.delete_object(Bucket=BUCKET, Key="versions/a.jpg")
    s3.put_object(Bucket=BUCKET, Key="versions-of-others/a.jpg", Body=b"image")

    def ids() -> list[str]:
        listed = s3.list_object_versions(Bucket=BUCKET, Prefix="versions/")
        return [it["VersionId"] for kind in ("Versions", "DeleteMarkers") for it in listed.get(kind, [])]

    first, *others = ids()
    assert len(others) == 3
    s3.delete_object(Bucket=BUCKET, Key="versions/a.jpg", VersionId=first)
    assert sorted(ids()) == sorted(others)
    objects = [{"Key": "versions/a.jpg", "VersionId": version} for version in others]
    s3.delete_objects(Bucket=BUCKET, Delete={"Objects": objects})
    assert ids() == []
