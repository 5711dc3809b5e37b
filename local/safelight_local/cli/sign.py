"""``safelight sign``: sign the URL of an image."""

import os
from pathlib import Path

import click

from safelight_local.aws.clients import Clients
from safelight_local.aws.deliveries import Delivery, origin_of
from safelight_local.aws.signing_keys import choose_key, parse_keys, read_keys
from safelight_local.cli._deliveries import DeliveryChoice, delivery_options, expiry, warn_of_key, warn_of_url
from safelight_local.cli._help import examples
from safelight_local.errors import UserError
from safelight_local.terminal import make_console, shown, warn
from safelight_local.web_pages.refusals import expected_refusals
from safelight_local.web_pages.signed_urls import Signer, request_of, without_signature

KEYS_VARIABLE = "SAFELIGHT_SIGNING_KEYS"
"""Environment variable with the keys: a JSON object of texts by key id."""


@click.command(
    short_help="Sign the URL of an image.",
    epilog=examples("""\
  safelight sign "https://images.example.com/park/photo.jpg?width=640" --expires 12h
  safelight sign "/fit-in/300x200/park/photo.jpg" --delivery Cdn --region eu-west-1
  safelight sign "/park/photo.jpg?width=640" --secret-file keys.json --scope Site.Cdn
"""),
)
@click.argument("url", metavar="URL")
@click.option(
    "--expires",
    metavar="TIME",
    callback=expiry,
    help="Until when it is valid: 30m, 12h, 7d or 2026-01-31, in UTC (default: for ever).",
)
@click.option("--key", "key_id", metavar="ID", help="Which key signs (default: the newest).")
@click.option(
    "--secret-file",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help=f'Without AWS: a file with the keys, {{"ID": "TEXT"}} (default: the variable {KEYS_VARIABLE}).',
)
@click.option("--scope", metavar="SCOPE", help="Without AWS: the delivery's scope.")
@delivery_options
def command(
    *,
    choice: DeliveryChoice,
    url: str,
    expires: int | None,
    key_id: str | None,
    secret_file: Path | None,
    scope: str | None,
) -> None:
    """Print a URL with the signature that an image delivery checks.

    URL begins with https:// or with a slash. Put it in quotes, because shells change some of its characters. If several
    deliveries are deployed, the host of URL chooses one, or --delivery does. The keys come from the secret of the
    deployed delivery. With --scope they come from --secret-file or the environment, and no call is made. A signature
    that URL has already is replaced, with its kid and expires.
    """
    bare = without_signature(url)
    if bare != url:
        warn("the URL is signed already: its signature, kid and expires are replaced")
    if scope is None:
        if secret_file is not None:
            raise UserError("--secret-file needs --scope, which is part of a signature: see the outputs of the stack")
        with choice.found(url=url) as (clients, delivery):
            keys, scope = read_keys(clients, delivery=delivery), delivery.settings.scope
            chosen, secret = choose_key(keys, key_id=key_id)
            _warn_of_refusals(clients, delivery, url=bare, key_id=chosen, secret=secret)
    else:
        chosen, secret = choose_key(_offline_keys(secret_file), key_id=key_id)
    signer = Signer(scope=scope, key_id=chosen, secret=secret, expires=expires)
    make_console().print(shown(signer.sign(bare)), soft_wrap=True)


def _warn_of_refusals(clients: Clients, delivery: Delivery, *, url: str, key_id: str, secret: str) -> None:
    """Warn if a signed URL will be refused, as far as the delivery's settings and the keys at the edge tell."""
    host = origin_of(url)
    if host == delivery.url:
        warn_of_url(delivery, base=delivery.url)
    elif host and host != delivery.local_url:
        warn(f"{host} is not the address of the delivery: that is {delivery.viewer_url}")
    for line in expected_refusals(request_of(url), settings=delivery.settings):
        warn(line)
    warn_of_key(clients, delivery, key_id=key_id, secret=secret)


def _offline_keys(file: Path | None) -> dict[str, str]:
    if file is None:
        if KEYS_VARIABLE not in os.environ:
            raise UserError(f"--scope needs keys: use --secret-file, or set {KEYS_VARIABLE}")
        return parse_keys(os.environ[KEYS_VARIABLE], source=KEYS_VARIABLE)
    try:
        return parse_keys(file.read_text(), source=str(file))
    except OSError as error:
        raise UserError(f"cannot read {file} ({error.strerror})") from error
    except UnicodeDecodeError as error:
        raise UserError(f"cannot read {file}: it is not text in UTF-8") from error
