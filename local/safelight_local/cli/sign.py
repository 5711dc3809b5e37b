"""``safelight sign``: sign the URL of an image."""

import os
from pathlib import Path

import click

from safelight_local.aws.signing_keys import choose_key, parse_keys, read_keys
from safelight_local.cli._deliveries import DeliveryChoice, delivery_options, expiry
from safelight_local.cli._help import examples
from safelight_local.errors import UserError
from safelight_local.terminal import make_console, shown
from safelight_local.web_pages.signed_urls import Signer

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

    URL begins with https:// or with a slash. Put it in quotes: it has characters that shells change. The keys come
    from the secret of the deployed delivery. With --scope they come from --secret-file or the environment, and no call
    is made.
    """
    if scope is None:
        if secret_file is not None:
            raise UserError("--secret-file needs --scope, which is part of a signature: see the outputs of the stack")
        with choice.found() as (clients, delivery):
            keys, scope = read_keys(clients, delivery=delivery), delivery.settings.scope
    else:
        keys = _offline_keys(secret_file)
    chosen, secret = choose_key(keys, key_id=key_id)
    signer = Signer(scope=scope, key_id=chosen, secret=secret, expires=expires)
    make_console().print(shown(signer.sign(url)), soft_wrap=True)


def _offline_keys(file: Path | None) -> dict[str, str]:
    if file is None:
        if KEYS_VARIABLE not in os.environ:
            raise UserError(f"--scope needs keys: use --secret-file, or set {KEYS_VARIABLE}")
        return parse_keys(os.environ[KEYS_VARIABLE], source=KEYS_VARIABLE)
    try:
        return parse_keys(file.read_text(), source=str(file))
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(f"cannot read {file}: {error}") from error
