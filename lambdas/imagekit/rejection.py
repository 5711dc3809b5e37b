"""The exception that rejects an image."""

from collections.abc import Mapping
from enum import StrEnum


class ImageFault(StrEnum):
    """What can be wrong with an image itself; each value is a reason in the upload's record."""

    UNREADABLE_IMAGE = "UNREADABLE_IMAGE"
    UNSUPPORTED_TYPE = "UNSUPPORTED_TYPE"
    IMAGE_TOO_SMALL = "IMAGE_TOO_SMALL"
    IMAGE_TOO_LARGE = "IMAGE_TOO_LARGE"


class ImageRejected(Exception):  # noqa: N818 - a rejection is an answer, not an error
    """An image cannot be accepted.

    `detail`: Small values that JSON can hold, such as the exceeded limit. Default: empty.
    """

    def __init__(self, reason: ImageFault, *, detail: Mapping[str, object] | None = None) -> None:
        super().__init__(str(reason))
        self.reason = reason
        self.detail = dict(detail or {})


def unreadable(problem: str) -> ImageRejected:
    """Make an `UNREADABLE_IMAGE` rejection. `problem` says in a few words what is wrong, for the record's detail."""
    return ImageRejected(ImageFault.UNREADABLE_IMAGE, detail={"problem": problem})


def unsupported(type_name: str) -> ImageRejected:
    """Make an `UNSUPPORTED_TYPE` rejection that names the type, for the record's detail."""
    return ImageRejected(ImageFault.UNSUPPORTED_TYPE, detail={"type": type_name})
