from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from botocore.exceptions import ClientError
from botocore.response import StreamingBody
from tests.unit.pictures import photograph

from awskit import clients
from awskit.objects import inspect_upload, read_upload, validate_exists
from awskit.published import put_rendition
from awskit.rejection import RejectedImage
from awskit.storage import ServiceBusy
from awskit.uploads import Upload, parse_upload
from safelight_contracts.limits import Limits
from safelight_local.emulator.process import Emulator

Put = Callable[..., dict[str, Any]]
Read = Callable[[Upload], object]

WHOLE_PHOTOGRAPH = photograph(width=240, height=160)


def inspect(upload: Upload) -> object:
    return inspect_upload(upload, limits=Limits())


def read(upload: Upload) -> bytes:
    return read_upload(upload, limits=Limits())


EVERY_WAY = pytest.mark.parametrize("look", [inspect, read, validate_exists])


def answer_with(*, code: str, status: int) -> None:
    """Fake an answer of S3's that the emulator does not give."""
    answer = {"Error": {"Code": code, "Message": "..."}, "ResponseMetadata": {"HTTPStatusCode": status}}
    events: Any = clients.s3().meta.events
    events.register("before-call.s3.GetObject", lambda **_: (AWSResponse("", status, HTTPHeaders(), None), answer))


def change_bodies(change: Callable[[bytes], bytes]) -> None:
    """Fake that S3 gives other bytes than it should, in a response that fits them."""

    def replace(parsed: dict[str, Any], **_: object) -> None:
        changed = change(parsed["Body"].read())
        parsed["Body"] = StreamingBody(BytesIO(changed), len(changed))

    clients.s3().meta.events.register("after-call.s3.GetObject", replace)


def reason_of(look: Read, event: dict[str, Any]) -> str:
    with pytest.raises(RejectedImage) as caught:
        look(parse_upload(event))
    return str(caught.value.reason)


def copy_of_rendition(emulated_aws: Emulator, bucket: str, *, key: str, **arguments: Any) -> None:
    """Publish the photograph, and copy the rendition into the bucket."""
    put_rendition(
        bucket=bucket, key="rendition", data=WHOLE_PHOTOGRAPH, content_type="image/jpeg", cache_control="no-cache"
    )
    emulated_aws.endpoints.s3.copy_object(
        Bucket=bucket, Key=key, CopySource={"Bucket": bucket, "Key": "rendition"}, **arguments
    )


@EVERY_WAY
def test_an_existing_upload_is_read(upload: Put, look: Read) -> None:
    look(parse_upload(upload(WHOLE_PHOTOGRAPH)))


@EVERY_WAY
def test_a_deleted_upload_is_withdrawn(upload: Put, emulated_aws: Emulator, uploads: str, look: Read) -> None:
    event = upload(WHOLE_PHOTOGRAPH)
    emulated_aws.endpoints.s3.delete_object(Bucket=uploads, Key=event["image"]["key"])
    assert reason_of(look, event) == "WITHDRAWN"


@EVERY_WAY
def test_a_deleted_version_is_withdrawn(upload: Put, emulated_aws: Emulator, uploads: str, look: Read) -> None:
    s3 = emulated_aws.endpoints.s3
    s3.put_bucket_versioning(Bucket=uploads, VersioningConfiguration={"Status": "Enabled"})
    event = upload(WHOLE_PHOTOGRAPH)
    key = event["image"]["key"]
    event["image"]["versionId"] = s3.head_object(Bucket=uploads, Key=key)["VersionId"]
    s3.delete_object(Bucket=uploads, Key=key, VersionId=event["image"]["versionId"])
    assert reason_of(look, event) == "WITHDRAWN"


@EVERY_WAY
def test_a_copy_of_a_rendition_is_rejected(emulated_aws: Emulator, uploads: str, upload: Put, look: Read) -> None:
    event = upload(WHOLE_PHOTOGRAPH, key="p1/a.jpg")
    copy_of_rendition(emulated_aws, uploads, key="p1/a.jpg")
    assert reason_of(look, event) == "OWN_RENDITION"


@EVERY_WAY
def test_a_copy_of_a_rendition_with_replaced_metadata_is_accepted(
    emulated_aws: Emulator, uploads: str, upload: Put, look: Read
) -> None:
    event = upload(WHOLE_PHOTOGRAPH, key="p1/a.jpg")
    copy_of_rendition(emulated_aws, uploads, key="p1/a.jpg", MetadataDirective="REPLACE")
    look(parse_upload(event))


@EVERY_WAY
@pytest.mark.parametrize(
    ("code", "status", "reason"),
    [
        ("NoSuchKey", 404, "WITHDRAWN"),
        ("NoSuchVersion", 404, "WITHDRAWN"),
        ("MethodNotAllowed", 405, "WITHDRAWN"),
        ("InvalidObjectState", 403, "ARCHIVED"),
        ("PreconditionFailed", 412, "SUPERSEDED"),
    ],
)
@pytest.mark.usefixtures("emulated_aws")
def test_an_s3_error_of_a_missing_upload_is_a_rejection(
    upload: Put, look: Read, code: str, status: int, reason: str
) -> None:
    event = upload(WHOLE_PHOTOGRAPH)
    answer_with(code=code, status=status)
    assert reason_of(look, event) == reason


@EVERY_WAY
@pytest.mark.parametrize(("code", "status"), [("AccessDenied", 403), ("NoSuchBucket", 404)])
def test_other_faults_than_the_uploads_are_errors(upload: Put, look: Read, code: str, status: int) -> None:
    event = upload(WHOLE_PHOTOGRAPH)
    answer_with(code=code, status=status)
    with pytest.raises(ClientError, match=code):
        look(parse_upload(event))


@EVERY_WAY
@pytest.mark.parametrize(
    "change",
    [lambda body: body[:-1], lambda body: body + b"?", lambda body: body[:0]],
    ids=["too short", "too long", "empty"],
)
def test_a_body_of_the_wrong_length_is_read_again(upload: Put, look: Read, change: Callable[[bytes], bytes]) -> None:
    event = upload(WHOLE_PHOTOGRAPH)
    change_bodies(change)
    with pytest.raises(ServiceBusy, match="bytes"):
        look(parse_upload(event))
