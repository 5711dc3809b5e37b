"""How a step says that an image is at fault, in words that Step Functions can read."""

import json
from collections.abc import Mapping
from enum import StrEnum

from awskit.bounds import bounded_detail
from imagekit.rejection import ImageFault


class UploadFault(StrEnum):
    """What can be wrong with an upload beside the image itself; each value is a reason in its record."""

    KEY_TOO_LONG = "KEY_TOO_LONG"
    FAILED_MODERATION = "FAILED_MODERATION"
    NO_PEOPLE_ALLOWED = "NO_PEOPLE_ALLOWED"
    MISSING_LABELS = "MISSING_LABELS"
    MISSING_WORDS = "MISSING_WORDS"
    SUPERSEDED = "SUPERSEDED"
    """A newer upload has taken its place."""
    WITHDRAWN = "WITHDRAWN"
    """It was deleted before it was read."""
    ARCHIVED = "ARCHIVED"
    """It lies in an archive, such as S3 Glacier, and cannot be read before somebody restores it."""


Reason = ImageFault | UploadFault


class RejectedImage(Exception):  # noqa: N818 - the class name is the error name that workflows catch
    """Raised by a step that is no check, where the image or its upload is at fault.

    Its message is JSON, `{"reason": ..., "detail": {...}}`, which reaches the workflow as the error's
    message.

    Parameters
    ----------
    reason
        What is wrong.
    detail
        Small JSON-able facts beside the reason. Empty when left out.
    """

    def __init__(self, reason: Reason, *, detail: Mapping[str, object] | None = None) -> None:
        self.reason = reason
        self.detail = bounded_detail(detail or {})
        super().__init__(json.dumps({"reason": reason, "detail": self.detail}))
