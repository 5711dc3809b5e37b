"""The forms and the dialects of requests for images."""

from enum import StrEnum


class Form(StrEnum):
    """How a URL says what it asks for. `safelight_contracts.delivery.request_urls` tells them apart."""

    JSON = "json"
    """Base64 of a JSON document in the path."""
    THUMBOR = "thumbor"
    """Segments of the path before the key."""
    QUERY = "query"
    """Parameters after the key."""


class Dialect(StrEnum):
    """Whose meaning counts where thumbor and AWS's Serverless Image Handler give a URL different meanings."""

    SIH = "sih"
    """``fit-in`` enlarges, ``rotate`` is clockwise, ``proportion`` is of the request."""
    THUMBOR = "thumbor"
    """``fit-in`` does not enlarge, ``rotate`` is counter-clockwise, ``proportion`` is of the result."""


PRESET = "preset"
"""Parameter of a query: the name of a preset."""

QUERY_PARAMETERS = frozenset(
    {
        *("width", "height", "fit", "enlarge", "focus", "dpr"),
        *("flip", "flop", "rotate", "grayscale", "format", "quality", PRESET),
    }
)
"""Parameters of a query that say what the image is like."""
