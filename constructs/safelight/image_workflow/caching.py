"""How long browsers and CDNs may keep a rendition."""

from enum import Enum


class Caching(Enum):
    """The ``Cache-Control`` of every rendition. A rendition's key is never used for another picture."""

    FIVE_MINUTES = "public, max-age=300"
    """What is withdrawn leaves caches within five minutes."""
    IMMUTABLE = "public, max-age=31536000, immutable"
    """Kept for a year. What is withdrawn stays in caches: invalidate the keys that events name as ``removed``."""
