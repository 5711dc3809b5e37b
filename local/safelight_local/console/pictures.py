"""The pictures of an execution: its upload, the image that its checks saw, and its renditions."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import IO, Any

from botocore.exceptions import ClientError
from botocore.response import StreamingBody

from safelight_contracts.records import Attribute, Status
from safelight_local.aws.clients import Clients
from safelight_local.aws.deployment import DeployedWorkflow
from safelight_local.aws.executions import Execution
from safelight_local.aws.history import StateVisit
from safelight_local.aws.records import json_object
from safelight_local.console.outcome import is_recorded_by
from safelight_local.console.removal import Removal

_GONE = ("NoSuchKey", "NoSuchVersion", "404", "MethodNotAllowed", "NoSuchBucket")
_SNIFFED = 32


class NoPictureError(Exception):
    """There is no such picture, or browsers cannot show it. The message says which."""


@dataclass(frozen=True, kw_only=True)
class Picture:
    """An object that is an image.

    `name`: ``upload``, ``analysis`` or a rendition's name after ``rendition/``.
    `version_id`: which version of it; None is the newest.
    `type`: such as ``JPEG``, as it is recorded; None where it is not.
    `width`, `height`, `bytes`: as recorded.
    `note`: what happened to the object, in words; None where nothing did.
    """

    name: str
    bucket: str
    key: str
    version_id: str | None = None
    type: str | None = None
    width: int | None = None
    height: int | None = None
    bytes: int | None = None
    note: str | None = None


def pictures_of(
    execution: Execution,
    *,
    workflow: DeployedWorkflow,
    record: Mapping[str, Any] | None,
    visits: Iterable[StateVisit],
    removal: Removal | None,
) -> list[Picture]:
    """List the pictures of an execution.

    `record`: the item of its upload, where this execution wrote it.
    `visits`: its visits to states; the one that made the analysis image tells where that is.
    `removal`: how it removed its upload; None if it did not.

    Returns the upload first, or its copy in quarantine, then the analysis image where it is another object, then the
    renditions.
    """
    upload = execution.upload
    if not upload.get("key"):
        return []
    dimensions = (record or {}).get(Attribute.DIMENSIONS) or {}
    copy = removal.copy if removal else None
    found = [
        Picture(
            name="upload",
            bucket=copy.bucket if copy else workflow.upload_bucket,
            key=upload["key"],
            version_id=copy.version_id if copy else upload.get("version-id"),
            note=removal.words if removal else None,
            type=dimensions.get("type"),
            width=dimensions.get("width"),
            height=dimensions.get("height"),
            bytes=upload.get("size"),
        )
    ]
    for visit in visits:
        seen = json_object(visit.output).get("analysis")
        if isinstance(seen, dict) and {"bucket", "key"} <= seen.keys() and seen["bucket"] != workflow.upload_bucket:
            found.append(
                Picture(
                    name="analysis",
                    bucket=seen["bucket"],
                    key=seen["key"],
                    version_id=seen.get("versionId"),
                    type="JPEG",
                )
            )
            break
    return found + _renditions(record or {}, workflow=workflow)


def thumbnail_of(
    execution: Execution, *, workflow: DeployedWorkflow, record: Mapping[str, Any] | None
) -> Picture | None:
    """Choose the picture that the list shows: the rendition of the fewest bytes.

    `record`: the item of its upload.

    Result: None unless this execution published the upload. An upload that is rejected, is not published yet or failed
    has no picture in the list.
    """
    if record is None or not is_recorded_by(execution, record) or record.get(Attribute.STATUS) != Status.PUBLISHED:
        return None
    renditions = _renditions(record, workflow=workflow)
    return min(renditions, key=lambda it: math.inf if it.bytes is None else it.bytes, default=None)


def _renditions(record: Mapping[str, Any], *, workflow: DeployedWorkflow) -> list[Picture]:
    return [
        Picture(
            name=f"rendition/{it['name']}",
            bucket=workflow.published_bucket,
            key=it["key"],
            type=it.get("type"),
            width=it.get("width"),
            height=it.get("height"),
            bytes=it.get("bytes"),
        )
        for it in record.get(Attribute.RENDITIONS) or ()
    ]


@dataclass(frozen=True, kw_only=True)
class OpenPicture:
    """A picture that is being read.

    `content_type`: of the types that a browser shows as an image, by the picture's first bytes.
    `length`: how many bytes it has.
    `head`: its first bytes.
    `rest`: all that follow them.
    """

    content_type: str
    length: int
    head: bytes
    rest: IO[bytes] | StreamingBody


def open_picture(clients: Clients, *, picture: Picture) -> OpenPicture:
    """Begin to read a picture.

    Raises NoPictureError if the object is gone or cannot be read, or is not an image that browsers show. The content
    decides, not the name or the content type: an HTML page named ``.jpg`` is not an image.
    """
    version = {} if picture.version_id is None else {"VersionId": picture.version_id}
    try:
        found = clients.s3.get_object(Bucket=picture.bucket, Key=picture.key, **version)  # type: ignore[arg-type]
    except ClientError as error:
        code = error.response["Error"]["Code"]
        raise NoPictureError("no longer there" if code in _GONE else f"cannot be read: {code}") from error
    head = found["Body"].read(_SNIFFED)
    content_type = shown_type(head)
    if content_type is None:
        found["Body"].close()
        raise NoPictureError("not of a type that browsers show")
    return OpenPicture(content_type=content_type, length=found["ContentLength"], head=head, rest=found["Body"])


def shown_type(head: bytes) -> str | None:
    """Recognise the images that browsers show, by the signatures of the WHATWG's MIME Sniffing standard and AVIF's.

    `head`: the first 32 bytes of a file.

    Returns its content type; None for everything else, SVG among it, which can hold scripts.
    """
    if head.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if head.startswith((b"GIF87a", b"GIF89a")):
        return "image/gif"
    if head.startswith(b"RIFF") and head[8:14] == b"WEBPVP":
        return "image/webp"
    if head.startswith(b"BM"):
        return "image/bmp"
    # The major brand or a compatible one, of four bytes each.
    if head[4:8] == b"ftyp" and any(head[at : at + 4] in (b"avif", b"avis") for at in range(8, len(head), 4)):
        return "image/avif"
    return None
