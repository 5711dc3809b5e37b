"""The key of pseudonyms, from Secrets Manager."""

from functools import cache

from awskit import clients
from awskit.transient_errors import transient_storage_errors
from dicomkit.pseudonyms import Pseudonyms


@cache
def pseudonyms_of(secret: str) -> Pseudonyms:
    """Read the key of a secret once, and return its pseudonyms.

    Raises
    ------
    ServiceBusy
        If Secrets Manager is temporarily unavailable.
    ValueError
        If the secret has fewer than 32 bytes.
    """
    return Pseudonyms(key=_read(secret).encode())


@transient_storage_errors()
def _read(secret: str) -> str:
    text: str = clients.secretsmanager().get_secret_value(SecretId=secret)["SecretString"]
    return text
