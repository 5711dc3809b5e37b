"""What happens to renditions when their upload is deleted."""

from enum import Enum


class OnDelete(Enum):
    """What happens to renditions when their upload is deleted.

    An upload is deleted when its key has no object any more, for example by a delete marker or a lifecycle rule, or
    when its version is permanently deleted and no newer upload replaced it. The expiry of a noncurrent version does not
    count while its key has an object.
    """

    KEEP = "KEEP"
    """They stay published."""
    WITHDRAW = "WITHDRAW"
    """Renditions and asset are removed, the record becomes ``WITHDRAWN``, and ``Image Withdrawn`` is sent."""
