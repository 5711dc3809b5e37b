"""``safelight keys``: the keys that sign URLs of images."""

from datetime import UTC, datetime

import click

from safelight_contracts.delivery.request_urls import KEY_ID
from safelight_local.aws.signing_keys import (
    choose_key,
    new_key,
    read_keys,
    read_secret,
    store_key,
    store_keys,
    stored_keys,
    write_keys,
)
from safelight_local.cli._deliveries import DeliveryChoice, delivery_options
from safelight_local.cli._help import examples
from safelight_local.cli._program import SETTINGS
from safelight_local.errors import UserError
from safelight_local.terminal import make_console, shown


@click.group(
    short_help="List, add and remove the keys that sign URLs of images.",
    epilog=examples("""\
  safelight keys sync                            after the first deployment
  safelight keys list
  safelight keys add
  safelight keys remove 1 --yes                  when the URLs that it signed have expired
"""),
    context_settings=SETTINGS,
)
def command() -> None:
    """Manage the keys that sign URLs of an image delivery.

    The keys are in a secret, and a copy of them is at the edge. No command prints a key.
    """


@command.command("list", epilog=examples("  safelight keys list"))
@delivery_options
def _list(*, choice: DeliveryChoice) -> None:
    """List the ids of the keys, the newest last, which signs."""
    with choice.found() as (clients, delivery):
        keys, at_edge = read_keys(clients, delivery=delivery), stored_keys(clients, delivery=delivery)
    console = make_console()
    for key_id, text in keys.items():
        is_copied = delivery.key_store is None or at_edge.get(key_id) == text
        console.print(shown(key_id if is_copied else f"{key_id}: not at the edge: run `safelight keys sync`"))
    for key_id in at_edge.keys() - keys.keys():
        console.print(shown(f"{key_id}: only at the edge: run `safelight keys sync`"))


@command.command(epilog=examples("  safelight keys add\n  safelight keys add --id 2026-11"))
@click.option("--id", "key_id", metavar="ID", help="Its id in URLs: letters, digits, - and _ (default: the date).")
@delivery_options
def add(*, choice: DeliveryChoice, key_id: str | None) -> None:
    """Add a random key, which signs from now on.

    The edge gets it first, so that it knows the key before anybody signs with it. CloudFront takes some seconds.
    """
    if key_id is not None and not KEY_ID.fullmatch(key_id):
        raise UserError(f"{key_id!r} cannot be the id of a key: use 1 to 32 letters, digits, - and _")
    with choice.found() as (clients, delivery):
        replaced = read_secret(clients, delivery=delivery)
        added, text = key_id or _unused_id(replaced.keys), new_key()
        if added in replaced.keys:
            raise UserError(f"there is a key {added} already: choose another id")
        store_key(clients, delivery=delivery, key_id=added, text=text)
        try:
            write_keys(clients, delivery=delivery, keys=replaced.keys | {added: text}, replaced=replaced)
        finally:
            # Also what another process has changed at the same time.
            store_keys(clients, delivery=delivery, keys=read_keys(clients, delivery=delivery))
    make_console().print(shown(f"Added the key {added}. The others stay valid."))


@command.command(epilog=examples("  safelight keys remove 1\n  safelight keys remove 1 --yes"))
@click.argument("key_id", metavar="ID")
@click.option("--yes", "is_confirmed", is_flag=True, help="Remove it. Otherwise the command only says what would stop.")
@delivery_options
def remove(*, choice: DeliveryChoice, key_id: str, is_confirmed: bool) -> None:
    """Remove a key. Every URL that it signed stops working."""
    with choice.found() as (clients, delivery):
        replaced = read_secret(clients, delivery=delivery)
        choose_key(replaced.keys, key_id=key_id)
        if len(replaced.keys) == 1:
            raise UserError(f"{key_id} is the only key: add another one first, with `safelight keys add`")
        if not is_confirmed:
            raise UserError(f"every URL that {key_id} signed would stop working: remove it with --yes")
        left = {name: text for name, text in replaced.keys.items() if name != key_id}
        # Nobody signs with a key that the edge does not know any more.
        write_keys(clients, delivery=delivery, keys=left, replaced=replaced)
        store_keys(clients, delivery=delivery, keys=left)
    make_console().print(shown(f"Removed the key {key_id}. URLs that it signed do not work any more."))


@command.command(epilog=examples("  safelight keys sync"))
@delivery_options
def sync(*, choice: DeliveryChoice) -> None:
    """Copy the keys of the secret to the edge.

    Run it after the first deployment, and after somebody else changed the secret.
    """
    with choice.found() as (clients, delivery):
        keys = read_keys(clients, delivery=delivery)
        if delivery.key_store is None:
            raise UserError(f"{delivery.name} has no edge function that would need the keys")
        changed = store_keys(clients, delivery=delivery, keys=keys)
    make_console().print(shown(f"{'Copied' if changed else 'Nothing to change:'} {', '.join(keys)}"))


def _unused_id(keys: dict[str, str]) -> str:
    today = datetime.now(tz=UTC).date().isoformat()
    return next(name for name in (today, *(f"{today}-{n}" for n in range(2, len(keys) + 3))) if name not in keys)
