"""Uploads: the input that a workflow passes to each of its steps."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from awskit.rejection import RejectedImage, UploadFault
from safelight_contracts.keys import MAX_UPLOAD_KEY_BYTES, parse_version_id
from safelight_contracts.records import pad_sequencer


@dataclass(frozen=True, kw_only=True)
class Upload:
    """An object in the upload bucket, at one version.

    `bucket`, `key`: where the object is. The key is as EventBridge delivers it, without URL-decoding.
    `size`: bytes.
    `etag`: the ETag without quotes.
    `sequencer`: Hexadecimal, left-padded so that it sorts as text. Of two uploads of one key, the one with the greater
    sequencer is newer.
    `version_id`: None in a bucket without versions.
    `execution`: the ARN of the execution that works on the upload.
    """

    bucket: str
    key: str
    size: int
    etag: str
    sequencer: str
    version_id: str | None
    execution: str
    redrives: int = 0


def parse_upload(event: Mapping[str, Any]) -> Upload:
    """Read the upload that a step's event names.

    `event`: `{"image": {"bucket", "key", "size", "etag", "sequencer", "versionId"}, "execution", "redrives"}`. In a
    bucket without versions, `versionId` is missing or the text `null`. Default of `redrives`: 0.

    Raises KeyError if any other value is missing.
    """
    image = event["image"]
    return Upload(
        bucket=image["bucket"],
        key=image["key"],
        size=int(image["size"]),
        etag=image["etag"].strip('"'),
        sequencer=pad_sequencer(image["sequencer"]),
        version_id=parse_version_id(image.get("versionId")),
        execution=event["execution"],
        redrives=int(event.get("redrives") or 0),
    )


def parse_started_by(event: Mapping[str, Any], *, execution: str) -> Upload:
    """Read the upload whose event started an execution.

    `event`: the execution's input: an S3 event `Object Created`, as EventBridge delivers it.

    Raises KeyError if a value is missing.
    """
    made = event["detail"]["object"]
    image = {
        "bucket": event["detail"]["bucket"]["name"],
        "key": made["key"],
        "size": made["size"],
        "etag": made["etag"],
        "sequencer": made["sequencer"],
        "versionId": made.get("version-id"),
    }
    return parse_upload({"image": image, "execution": execution})


class _WithSize(Protocol):
    @property
    def key(self) -> str: ...
    @property
    def size(self) -> int: ...


def is_folder_marker(upload: _WithSize) -> bool:
    """Return whether an upload is an object that consoles and tools create for a folder. It is not an image."""
    return upload.size == 0 and upload.key.endswith("/")


def is_too_long(key: str) -> bool:
    """Return whether a key leaves no room for derived keys. Nothing is ever published under such a key."""
    return len(key.encode()) > MAX_UPLOAD_KEY_BYTES


def validate_key(upload: Upload) -> None:
    """Reject a key that is too long for the keys that are derived from it.

    Raises RejectedImage: `KEY_TOO_LONG`.
    """
    length = len(upload.key.encode())
    if is_too_long(upload.key):
        raise RejectedImage(UploadFault.KEY_TOO_LONG, detail={"bytes": length, "maxBytes": MAX_UPLOAD_KEY_BYTES})
