"""The keys that sign URLs: a secret in Secrets Manager, and a copy in a key value store for the edge function.

Both hold texts by key id (``kid``). The last of the secret is the newest, which signs.
"""

import json
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError, MissingDependencyException

from safelight_local.aws.clients import Clients
from safelight_local.aws.deliveries import Delivery
from safelight_local.errors import UserError

# 43 characters of base64url, as many as a signature has.
_BYTES = 32
_MIN_CHARACTERS = 32
# The label of a version of the secret that is to become the current one.
_CHANGE = "SAFELIGHT_CHANGE"
_CONFLICTS = ("InvalidParameterException", "InvalidRequestException")


def new_key() -> str:
    """Make the random text of a key."""
    return secrets.token_urlsafe(_BYTES)


def parse_keys(text: str, *, source: str) -> dict[str, str]:
    """Parse a JSON object of texts by key id.

    Parameters
    ----------
    source
        What holds it, for messages. They never have a part of the text.

    Raises
    ------
    UserError
        If it is not such an object, has no key, or has a text of less than 32 characters.
    """
    try:
        keys = json.loads(text)
    except ValueError:
        keys = None
    if not isinstance(keys, dict) or not all(isinstance(value, str) for value in keys.values()):
        raise UserError(f'{source} is not a JSON object of texts by key id, such as {{"1": "..."}}')
    if not keys:
        raise UserError(f"{source} has no key: add one with `safelight keys add`")
    for key_id, value in keys.items():
        if len(value) < _MIN_CHARACTERS:
            raise UserError(f"the key {key_id} in {source} has less than {_MIN_CHARACTERS} characters")
    return keys


@dataclass(frozen=True, kw_only=True)
class SecretKeys:
    """The keys of a secret.

    `version`: the id of the secret's version that they are from.
    """

    keys: dict[str, str]
    version: str


def read_secret(clients: Clients, *, delivery: Delivery) -> SecretKeys:
    """Read the keys of a delivery's secret.

    Raises
    ------
    UserError
        If its URLs are not signed, or the secret cannot be read.
    """
    arn = _secret_of(delivery)
    try:
        read = clients.of(arn).secretsmanager.get_secret_value(SecretId=arn)
    except ClientError as error:
        raise UserError(f"the keys of {delivery.name} cannot be read: {error}") from error
    keys = parse_keys(read["SecretString"], source=f"the secret of {delivery.name}")
    return SecretKeys(keys=keys, version=read["VersionId"])


def read_keys(clients: Clients, *, delivery: Delivery) -> dict[str, str]:
    """Read the keys of a delivery's secret. Errors are those of `read_secret`."""
    return read_secret(clients, delivery=delivery).keys


def write_keys(clients: Clients, *, delivery: Delivery, keys: Mapping[str, str], replaced: SecretKeys) -> None:
    """Replace the keys of a delivery's secret.

    Secrets Manager moves the label ``AWSCURRENT`` only from the version that the call names, so that a change by
    another process is not lost: see ``RemoveFromVersionId`` of ``UpdateSecretVersionStage``.

    Parameters
    ----------
    replaced
        What `keys` were made from.

    Raises
    ------
    UserError
        If the secret was changed since, or cannot be written.
    """
    arn = _secret_of(delivery)
    secret = clients.of(arn).secretsmanager
    try:
        made = secret.put_secret_value(SecretId=arn, SecretString=json.dumps(keys), VersionStages=[_CHANGE])
        secret.update_secret_version_stage(
            SecretId=arn,
            VersionStage="AWSCURRENT",
            MoveToVersionId=made["VersionId"],
            RemoveFromVersionId=replaced.version,
        )
    except ClientError as error:
        if error.response["Error"]["Code"] in _CONFLICTS:
            raise UserError(
                f"another process changed the keys of {delivery.name} at the same time: nothing was changed; try again"
            ) from error
        raise UserError(f"the keys of {delivery.name} cannot be written: {error}") from error


def choose_key(keys: Mapping[str, str], *, key_id: str | None) -> tuple[str, str]:
    """Return the id and the text of a key. Default: the newest."""
    chosen = list(keys)[-1] if key_id is None else key_id
    if chosen not in keys:
        raise UserError(f"there is no key {chosen}: the keys are {', '.join(keys)}")
    return chosen, keys[chosen]


def stored_keys(clients: Clients, *, delivery: Delivery) -> dict[str, str]:
    """Read the keys that a delivery's edge function knows.

    Returns
    -------
    dict
        Texts by key id. Empty if there is no edge function.
    """
    if delivery.key_store is None:
        return {}
    with _reported(delivery):
        pages = _store_client(clients, delivery).get_paginator("list_keys").paginate(KvsARN=delivery.key_store)
        return {item["Key"]: item["Value"] for page in pages for item in page["Items"]}


def store_key(clients: Clients, *, delivery: Delivery, key_id: str, text: str) -> None:
    """Make a delivery's edge function know one key more. Errors are those of `store_keys`."""
    if delivery.key_store is None:
        return
    client = _store_client(clients, delivery)
    with _reported(delivery):
        version = client.describe_key_value_store(KvsARN=delivery.key_store)["ETag"]
        client.put_key(KvsARN=delivery.key_store, IfMatch=version, Key=key_id, Value=text)


def store_keys(clients: Clients, *, delivery: Delivery, keys: Mapping[str, str]) -> bool:
    """Make a delivery's edge function know these keys and no others.

    Returns
    -------
    bool
        Whether that changed anything.

    Raises
    ------
    UserError
        If the store changes at the same time, or cannot be written.
    """
    if delivery.key_store is None:
        return False
    client = _store_client(clients, delivery)
    with _reported(delivery):
        # Read before the keys, so that a change in between is noticed.
        version = client.describe_key_value_store(KvsARN=delivery.key_store)["ETag"]
    known = stored_keys(clients, delivery=delivery)
    puts = [{"Key": key_id, "Value": text} for key_id, text in keys.items() if known.get(key_id) != text]
    deletes = [{"Key": key_id} for key_id in known if key_id not in keys]
    if puts or deletes:
        with _reported(delivery):
            client.update_keys(KvsARN=delivery.key_store, IfMatch=version, Puts=puts, Deletes=deletes)
    return bool(puts or deletes)


def _secret_of(delivery: Delivery) -> str:
    if delivery.settings.keys_secret is None:
        raise UserError(f"{delivery.name} signs no URLs: use signing=Signing.OPTIONAL or REQUIRED in the CDK app")
    return delivery.settings.keys_secret


def _store_client(clients: Clients, delivery: Delivery) -> Any:
    # The ARN of a store names no region.
    return clients.of(delivery.function_arn).key_values


@contextmanager
def _reported(delivery: Delivery) -> Iterator[None]:
    """Report errors of the key value store."""
    try:
        yield
    except MissingDependencyException as error:
        raise UserError(
            "CloudFront's key value store wants signatures that need another package: "
            "run `pip install 'botocore[crt]'`, then try again"
        ) from error
    except ClientError as error:
        raise UserError(f"the key value store of {delivery.name} refused the call: {error}; try again") from error
