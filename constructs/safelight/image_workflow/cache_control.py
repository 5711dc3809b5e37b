"""How long browsers and CDNs may keep a rendition."""

from dataclasses import dataclass

from aws_cdk import Duration

from safelight_contracts.arguments import validated, validated_fields

# RFC 9111 has no maximum. A year is what the field uses for what never changes.
_YEAR = 31_536_000
_DAY = 86_400


@validated_fields
@dataclass(frozen=True, kw_only=True)
class CacheControl:
    """The ``Cache-Control`` of every rendition. Create one with ``max_age`` or ``immutable``.

    Parameters
    ----------
    header
        The value of the header: printable ASCII characters, not only spaces.

    Raises
    ------
    TypeError
        If the header is not a str.
    ValueError
        If it is empty, or has other characters.

    References
    ----------
    RFC 9110, section 5.5: the characters of a header's value.
    """

    header: str

    def __post_init__(self) -> None:
        if not self.header.strip():
            raise ValueError("CacheControl: header is empty. Use a value such as 'no-cache', or omit cache_control.")
        if not (self.header.isascii() and self.header.isprintable()):
            raise ValueError(
                f"CacheControl: header={self.header!r} must have printable ASCII characters only, such as 'no-cache'."
            )

    @classmethod
    @validated
    def max_age(cls, age: Duration) -> "CacheControl":
        """Let caches keep renditions for a time. Withdrawn renditions leave caches after that time.

        Parameters
        ----------
        age
            Whole seconds, at most a year.

        Raises
        ------
        ValueError
            If the age is longer, or not whole seconds.
        """
        seconds = age.to_milliseconds() / 1000
        if not seconds.is_integer():
            raise ValueError(f"CacheControl.max_age: {seconds:g} seconds must be whole seconds.")
        if seconds > _YEAR:
            raise ValueError(f"CacheControl.max_age: {_in_words(age)} is longer than a year, the longest max_age.")
        return cls(header=f"public, max-age={int(seconds)}")

    @classmethod
    def immutable(cls) -> "CacheControl":
        """Let caches keep renditions for a year. Invalidate the keys in ``removed`` of events yourself.

        A key is never reused for another picture, so only withdrawn renditions are concerned.
        """
        return cls(header=f"public, max-age={_YEAR}, immutable")


def _in_words(age: Duration) -> str:
    days, seconds = divmod(int(age.to_seconds()), _DAY)
    return f"{days:,} days" if not seconds else f"{age.to_seconds():,.0f} seconds"


DEFAULT_CACHE_CONTROL = CacheControl.max_age(Duration.minutes(5))
"""Withdrawn renditions leave caches within five minutes."""
