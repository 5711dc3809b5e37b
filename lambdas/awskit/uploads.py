"""Uploads: what a workflow hands to each of its steps."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from awskit.rejection import RejectedImage, UploadFault
from safelight_contracts.records import pad_sequencer

MAX_KEY_BYTES = 900
"""Longer keys, in UTF-8, leave no room for renditions' keys and sort keys, which both have 1,024 bytes at most."""

NULL_VERSION = "null"
"""What S3 calls the version of an object that was written while versioning was off or suspended."""


@dataclass(frozen=True, kw_only=True)
class Upload:
    """An object in the upload bucket, at one version.

    Attributes
    ----------
    bucket, key
        Where it is. The key is as EventBridge gives it: nothing is URL-decoded.
    size
        Bytes.
    etag
        Without quotes.
    sequencer
        Hexadecimal, left-padded so that it sorts as text: the greater one of a key is the newer upload.
    version_id
        None in a bucket without versions.
    execution
        The ARN of the execution that works on it.
    redrives
        How often that execution was redriven.
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
    """Read the upload that an event to a step names.

    Parameters
    ----------
    event
        `{"image": {"bucket", "key", "size", "etag", "sequencer", "versionId"}, "execution", "redrives"}`; a bucket
        without versions has no `versionId`, or the text `null`; without `redrives` there were none.

    Raises
    ------
    KeyError
        When something else is missing.
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

    Parameters
    ----------
    event
        The execution's input: an S3 event `Object Created` as EventBridge delivers it.
    execution
        The execution's ARN.

    Raises
    ------
    KeyError
        When something is missing.
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


def is_folder_marker(upload: Upload) -> bool:
    """Tell whether an upload is what consoles and tools put in place of a folder. Such an object is no image."""
    return upload.size == 0 and upload.key.endswith("/")


def parse_version_id(given: str | None) -> str | None:
    """Read a version id: `null`, which objects have while versioning is off or suspended, is none.

    Such an object can be overwritten.
    """
    return None if given == NULL_VERSION else given


def is_too_long(key: str) -> bool:
    """Tell whether a key leaves no room for what is made of it. Nothing is ever published under such a key."""
    return len(key.encode()) > MAX_KEY_BYTES


def check_key(upload: Upload) -> None:
    """Reject a key that is too long for what has to be made of it.

    Parameters
    ----------
    upload
        The upload.

    Raises
    ------
    RejectedImage
        `KEY_TOO_LONG`.
    """
    length = len(upload.key.encode())
    if is_too_long(upload.key):
        raise RejectedImage(UploadFault.KEY_TOO_LONG, detail={"bytes": length, "maxBytes": MAX_KEY_BYTES})


def place_id(key: str, *, prefix: str) -> str:
    """Name the place that a key belongs to: its first segment after the prefix.

    Parameters
    ----------
    key
        The upload's key.
    prefix
        The prefix that all keys of the workflow begin with; may be empty.
    """
    return key.removeprefix(prefix).split("/", 1)[0]
