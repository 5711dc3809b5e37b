"""What happens to renditions when their upload is deleted."""

from enum import Enum


class OnDelete(Enum):
    """What happens to renditions when their upload is deleted.

    An upload is deleted when its version is no longer the current one of its key and no newer upload replaced it: by a
    delete marker, by the deletion of that version, or by a lifecycle rule.
    """

    KEEP = "KEEP"
    """They stay published."""
    WITHDRAW = "WITHDRAW"
    """Renditions and asset are removed, the record becomes ``WITHDRAWN``, and ``Image Withdrawn`` is sent."""
