"""Uploads: what a workflow hands to each of its steps."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from awskit.rejection import RejectedImage, UploadFault

MAX_KEY_BYTES = 900
"""Longer keys, in UTF-8, leave no room for renditions and sort keys, which both end at 1,024 bytes."""

_SEQUENCER_DIGITS = 32


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
    """

    bucket: str
    key: str
    size: int
    etag: str
    sequencer: str
    version_id: str | None
    execution: str


def parse_upload(event: Mapping[str, Any]) -> Upload:
    """Read the upload that an event to a step names.

    Parameters
    ----------
    event
        `{"image": {"bucket", "key", "size", "etag", "sequencer", "versionId"}, "execution"}`; a bucket without
        versions has no `versionId`.

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
        sequencer=image["sequencer"].rjust(_SEQUENCER_DIGITS, "0"),
        version_id=image.get("versionId"),
        execution=event["execution"],
    )


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
    if length > MAX_KEY_BYTES:
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
