"""The error that tells Step Functions that an image is at fault."""

import json
from collections.abc import Mapping
from enum import StrEnum

from awskit.bounds import bounded_detail
from imagekit.rejection import ImageFault


class UploadFault(StrEnum):
    """What can be wrong with an upload apart from the image itself. Each value is a reason in the upload's record."""

    KEY_TOO_LONG = "KEY_TOO_LONG"
    FAILED_MODERATION = "FAILED_MODERATION"
    NO_PEOPLE_ALLOWED = "NO_PEOPLE_ALLOWED"
    MISSING_LABELS = "MISSING_LABELS"
    MISSING_WORDS = "MISSING_WORDS"
    OWN_RENDITION = "OWN_RENDITION"
    """It is a rendition that Safelight published. Renditions of renditions could go on without an end."""
    SUPERSEDED = "SUPERSEDED"
    """A newer upload has replaced it."""
    WITHDRAWN = "WITHDRAWN"
    """It was deleted before it was read."""
    ARCHIVED = "ARCHIVED"
    """It is in an archive, such as S3 Glacier. It cannot be read before somebody restores it."""
    SEARCH_INCOMPLETE = "SEARCH_INCOMPLETE"
    """There may be more faces or words than the detector returns, even in small parts of it, so it is not redacted."""

    DESTINATION_TAKEN = "DESTINATION_TAKEN"
    """Another redaction has its copy where that of this upload would be."""


Reason = ImageFault | UploadFault


class RejectedImage(Exception):  # noqa: N818 - the class name is the error name that workflows catch
    """Raised by a step that is not a check, if the image or its upload is at fault.

    The message is JSON, `{"reason": ..., "detail": {...}}`. It reaches the workflow as the error's message.

    `detail`: small facts about the reason that JSON can hold. Default: empty.
    """

    def __init__(self, reason: Reason, *, detail: Mapping[str, object] | None = None) -> None:
        self.reason = reason
        self.detail = bounded_detail(detail or {})
        super().__init__(json.dumps({"reason": reason, "detail": self.detail}))
