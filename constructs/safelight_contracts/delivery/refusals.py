"""Why a request for an image is refused, with the HTTP status and how long the answer may be cached."""

from enum import StrEnum, auto


class Refusal(StrEnum):
    """The ``error`` of the answer's body."""

    @staticmethod
    def _generate_next_value_(name: str, start: int, count: int, last_values: list[str]) -> str:  # noqa: ARG004 - Enum's
        return name

    BAD_ENCODING = auto()
    """A percent sign without two hexadecimal digits, bytes that are not UTF-8, or a control character."""
    BAD_PATH = auto()
    """An empty segment, ``.`` or ``..``, or no key."""
    BAD_DOCUMENT = auto()
    """The base64 or the JSON of a request is damaged."""
    BAD_PARAMETER = auto()
    """A value is out of range or not of its kind."""
    UNKNOWN_PARAMETER = auto()
    REPEATED_PARAMETER = auto()
    CONTRADICTION = auto()
    """Two parameters exclude one another."""
    NOT_PERMITTED = auto()
    """Neither a preset, nor a permitted size, nor signed. Or a bucket or a key outside of the sources."""
    BAD_SIGNATURE = auto()
    """The signature is missing or wrong, or its key is unknown."""
    EXPIRED = auto()
    NOT_FOUND = auto()
    METHOD_NOT_ALLOWED = auto()
    TOO_LARGE = auto()
    """The source exceeds a limit: bytes, pixels, sides, or pixels of all frames."""
    URL_TOO_LONG = auto()
    NOT_AN_IMAGE = auto()
    DAMAGED = auto()
    """The source cannot be decoded in full."""
    BUSY = auto()
    INTERNAL = auto()
    SOURCE_UNAVAILABLE = auto()
    """S3 or another service failed."""
    TIMEOUT = auto()
    """The image took longer than a request may take."""

    @property
    def status(self) -> int:
        """The HTTP status of the answer."""
        return _STATUSES[self]

    @property
    def cache_control(self) -> str:
        """The ``Cache-Control`` of the answer."""
        return "no-store" if self.status in _NEVER_CACHED else f"max-age={_SECONDS.get(self.status, 60)}"


_STATUSES = {
    Refusal.BAD_ENCODING: 400,
    Refusal.BAD_PATH: 400,
    Refusal.BAD_DOCUMENT: 400,
    Refusal.BAD_PARAMETER: 400,
    Refusal.UNKNOWN_PARAMETER: 400,
    Refusal.REPEATED_PARAMETER: 400,
    Refusal.CONTRADICTION: 400,
    Refusal.NOT_PERMITTED: 403,
    Refusal.BAD_SIGNATURE: 403,
    Refusal.EXPIRED: 403,
    Refusal.NOT_FOUND: 404,
    Refusal.METHOD_NOT_ALLOWED: 405,
    Refusal.TOO_LARGE: 413,
    Refusal.URL_TOO_LONG: 414,
    Refusal.NOT_AN_IMAGE: 415,
    Refusal.DAMAGED: 422,
    Refusal.INTERNAL: 500,
    Refusal.SOURCE_UNAVAILABLE: 502,
    Refusal.BUSY: 503,
    Refusal.TIMEOUT: 504,
}
_NEVER_CACHED = {403, 500, 502, 503, 504}
_SECONDS = {404: 10, 405: 10, 414: 10}


class RequestRefusedError(Exception):
    """A request is refused.

    Parameters
    ----------
    refusal
        The kind.
    message
        What is wrong and what to send instead. It names no bucket, key or stack.
    parameter
        The parameter at fault. Default: none.
    """

    def __init__(self, refusal: Refusal, message: str, *, parameter: str | None = None) -> None:
        super().__init__(message)
        self.refusal, self.message, self.parameter = refusal, message, parameter
