"""How long browsers and CDNs may keep a rendition."""

from dataclasses import dataclass

from aws_cdk import Duration

from safelight_contracts.arguments import validate_fields, validated

# RFC 9111 has no maximum. A year is what the field uses for what never changes.
_YEAR = 31_536_000


@dataclass(frozen=True, kw_only=True)
class CacheControl:
    """The ``Cache-Control`` of every rendition. Create one with ``max_age`` or ``immutable``.

    Parameters
    ----------
    header
        The value of the header.

    Raises
    ------
    TypeError
        If the header is not a str.
    """

    header: str

    def __post_init__(self) -> None:
        validate_fields(self)

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
        if not seconds.is_integer() or seconds > _YEAR:
            raise ValueError(
                f"CacheControl.max_age: {seconds:g} seconds must be whole seconds, at most a year ({_YEAR:,})."
            )
        return cls(header=f"public, max-age={int(seconds)}")

    @classmethod
    def immutable(cls) -> "CacheControl":
        """Let caches keep renditions for a year. Invalidate the keys in ``removed`` of events yourself.

        A key is never reused for another picture, so only withdrawn renditions are concerned.
        """
        return cls(header=f"public, max-age={_YEAR}, immutable")


DEFAULT_CACHE_CONTROL = CacheControl.max_age(Duration.minutes(5))
"""Withdrawn renditions leave caches within five minutes."""
