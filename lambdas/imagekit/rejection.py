"""The one exception by which image logic says that an image is at fault."""

from collections.abc import Mapping
from enum import StrEnum


class ImageFault(StrEnum):
    """What can be wrong with an image itself; each value is a reason in the upload's record."""

    UNREADABLE_IMAGE = "UNREADABLE_IMAGE"
    UNSUPPORTED_TYPE = "UNSUPPORTED_TYPE"
    IMAGE_TOO_SMALL = "IMAGE_TOO_SMALL"
    IMAGE_TOO_LARGE = "IMAGE_TOO_LARGE"


class ImageRejected(Exception):  # noqa: N818 - a rejection is an answer, not an error
    """Raised where an image cannot be accepted, whatever the bytes were.

    Parameters
    ----------
    reason
        What is wrong with the image.
    detail
        Small JSON-able facts beside the reason, such as the limit that was passed. Empty when left out.
    """

    def __init__(self, reason: ImageFault, *, detail: Mapping[str, object] | None = None) -> None:
        super().__init__(str(reason))
        self.reason = reason
        self.detail = dict(detail or {})


def unreadable(problem: str) -> ImageRejected:
    """Make the rejection of bytes that are no whole image.

    Parameters
    ----------
    problem
        A few words on what was found, for the record's detail.
    """
    return ImageRejected(ImageFault.UNREADABLE_IMAGE, detail={"problem": problem})
