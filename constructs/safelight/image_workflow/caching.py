"""How long browsers and CDNs may keep a rendition."""

from enum import Enum


class Caching(Enum):
    """The ``Cache-Control`` of every rendition. A key is never reused for another picture."""

    FIVE_MINUTES = "public, max-age=300"
    """Withdrawn renditions leave caches within five minutes."""
    IMMUTABLE = "public, max-age=31536000, immutable"
    """Caches keep renditions for a year. Invalidate the keys in ``removed`` of events yourself."""
