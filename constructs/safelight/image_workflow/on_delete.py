"""What happens to a publication when its upload is deleted."""

from enum import Enum


class OnDelete(Enum):
    """What happens to what is published of an upload once the upload is deleted.

    An upload is deleted when its version is not the current one of its key any more and no newer upload took its place:
    by a delete marker, by the deletion of that version, or by a lifecycle rule.
    """

    KEEP = "KEEP"
    """It stays published."""
    WITHDRAW = "WITHDRAW"
    """Its renditions and its asset are removed, its record becomes ``WITHDRAWN``, and ``Image Withdrawn`` is sent."""
