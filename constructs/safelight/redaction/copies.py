"""Where the services of an app keep their copies. They register here, so that no two use the same keys."""

from dataclasses import dataclass
from weakref import WeakKeyDictionary

from aws_cdk import aws_s3
from constructs import Construct

from safelight.core.identity import bucket_label, same_bucket
from safelight.core.prefixes import overlap


@dataclass(frozen=True, kw_only=True)
class Copies:
    """Where a service keeps its copies.

    ``prefix``: what the keys of all of them begin with. ``of``: what they are copies of. Services of photographs and of
    videos never have the same keys.
    """

    bucket: aws_s3.IBucket
    prefix: str
    of: str


_REGISTERED: WeakKeyDictionary[Construct, Copies] = WeakKeyDictionary()


def register_copies(service: Construct, copies: Copies) -> None:
    """Make the copies of a service known to the other services of its app.

    Raises
    ------
    ValueError
        If another service of the app can have a copy under the same key.
    """
    for other in service.node.root.node.find_all():
        taken = _REGISTERED.get(other) if isinstance(other, Construct) else None
        if (
            taken
            and taken.of == copies.of
            and same_bucket(taken.bucket, copies.bucket)
            and overlap(taken.prefix, copies.prefix)
        ):
            raise ValueError(
                f"{service.node.path} and {other.node.path} have the same destination, {bucket_label(copies.bucket)}, "
                f"and the keys of their copies begin with {copies.prefix!r} and {taken.prefix!r}. One would take the "
                "place of the other's copies. Use another bucket, or destination_prefix values that do not overlap, "
                "such as 'faces/' and 'plates/'."
            )
    _REGISTERED[service] = copies
