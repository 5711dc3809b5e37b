"""The options of commands that work with an image delivery, and what they choose."""

import functools
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from safelight_contracts.delivery.shaping import MAX_SIDE
from safelight_local.aws.clients import Clients, find_account
from safelight_local.aws.deliveries import Delivery, choose_delivery, deployed_deliveries
from safelight_local.aws.signing_keys import stored_keys
from safelight_local.emulator.session import running
from safelight_local.errors import UserError
from safelight_local.terminal import warn
from safelight_local.web_pages.signed_urls import Signer, count_signed, parse_expiry

_OPTIONS = (
    click.option("--delivery", metavar="NAME", help="Which image delivery, if several are deployed."),
    click.option("--stack", metavar="NAME", help="Real account: only deliveries of this stack (default: all stacks)."),
    click.option("--region", metavar="R", help="Real account: the region (default: the profile's)."),
    click.option("--profile", metavar="P", help="Real account: the AWS profile (default: as boto3 finds credentials)."),
)


@dataclass(frozen=True, kw_only=True)
class DeliveryChoice:
    """The values of the options."""

    delivery: str | None
    stack: str | None
    region: str | None
    profile: str | None

    @contextmanager
    def found(self, *, url: str = "") -> Iterator[tuple[Clients, Delivery]]:
        """Use the chosen delivery in a ``with`` block, with clients of where it is deployed.

        `url`: of an image, which chooses its delivery if the options do not. Default: none.

        Raises UserError if nothing is up, or no delivery fits, or several do.
        """
        if self.stack or self.region or self.profile:
            yield self._chosen(find_account(region=self.region, profile=self.profile), url=url)
            return
        with running(Path.cwd()) as services:
            yield self._chosen(services.endpoints, url=url)

    def _chosen(self, clients: Clients, *, url: str) -> tuple[Clients, Delivery]:
        delivery = choose_delivery(deployed_deliveries(clients, stack=self.stack), name=self.delivery, url=url)
        return clients.of(delivery.function_arn), delivery


def delivery_options(function: Any) -> Any:
    """Add ``--delivery``, ``--stack``, ``--region`` and ``--profile``, which the function gets as ``choice``."""

    @functools.wraps(function)
    def with_choice(
        *, delivery: str | None, stack: str | None, region: str | None, profile: str | None, **others: Any
    ) -> Any:
        choice = DeliveryChoice(delivery=delivery, stack=stack, region=region, profile=profile)
        return function(choice=choice, **others)

    return functools.reduce(lambda made, option: option(made), reversed(_OPTIONS), with_choice)


local_option = click.option(
    "--local", "is_local", is_flag=True, help="Write the addresses that images have on this machine, for a test."
)
"""The option of commands that write URLs."""


def written_base(delivery: Delivery, *, is_local: bool) -> str:
    """Return what written URLs begin with. Raises UserError if the delivery has no address on this machine."""
    if not is_local:
        return delivery.url
    if delivery.local_url is None:
        raise UserError(f"{delivery.name} has no address on this machine: leave out --local")
    return delivery.local_url


def source_bucket(delivery: Delivery, *, bucket: str | None) -> str:
    """Return a bucket that was given, or the first source's. Raises UserError if it is no source of the delivery."""
    sources = list(dict.fromkeys(source.bucket for source in delivery.settings.sources))
    if bucket is not None and bucket not in sources:
        raise UserError(f"{delivery.name} has no source {bucket}: it has {', '.join(sources)}")
    return bucket or sources[0]


def warn_of_url(delivery: Delivery, *, base: str) -> None:
    """Warn of URLs that only a deployment to AWS would answer.

    `base`: what the URLs begin with.
    """
    if delivery.local_url is not None and base == delivery.url:
        warn(f"{delivery.url} does not answer before you deploy to AWS: on this machine, it is {delivery.local_url}")


def warn_of_key(clients: Clients, delivery: Delivery, *, key_id: str, secret: str) -> None:
    """Warn if the edge refuses what a key has signed, as far as the user may read the keys there."""
    with suppress(UserError):
        if delivery.key_store is not None and stored_keys(clients, delivery=delivery).get(key_id) != secret:
            warn(f"the edge does not know the key {key_id} yet: run `safelight keys sync`")


def warn_of_signed(clients: Clients, delivery: Delivery, *, signer: Signer | None, before: str, after: str) -> None:
    """Warn of new signed URLs in HTML: they are valid as long as their key, and the edge may not know it yet."""
    if signer is None or count_signed(after) <= count_signed(before):
        return
    warn(f"URLs are signed without an expiry: they are valid until the key {signer.key_id} is removed")
    warn_of_key(clients, delivery, key_id=signer.key_id, secret=signer.secret)


def expiry(_context: click.Context, _option: click.Parameter, text: str | None) -> int | None:
    """Parse the value of an option by `parse_expiry`."""
    try:
        return None if text is None else parse_expiry(text, now=datetime.now(tz=UTC))
    except ValueError as error:
        raise click.BadParameter(str(error)) from None


def parsed_widths(_context: click.Context, _option: click.Parameter, text: str | None) -> tuple[int, ...] | None:
    """Parse the value of ``--widths``."""
    if text is None:
        return None
    parts = [part.strip() for part in text.split(",")]
    if not all(part.isdecimal() and part.isascii() and 1 <= int(part) <= MAX_SIDE for part in parts):
        raise click.BadParameter(f"{text!r} is not a list of 1 to {MAX_SIDE} pixels, such as 320,640,1280")
    return tuple(sorted({int(part) for part in parts}))
