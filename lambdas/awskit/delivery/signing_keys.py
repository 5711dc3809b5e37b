"""The keys that sign URLs, from Secrets Manager."""

import json
import time
from collections.abc import Callable, Mapping
from functools import cache
from threading import Lock

from awskit import clients
from awskit.transient_errors import transient_storage_errors

_KEPT_SECONDS = 60.0
_LEAST_SECONDS_BETWEEN_LOADS = 10.0


class SigningKeys:
    """The keys of one secret. They are kept for 60 s.

    A key id that is unknown loads the secret again, but at most every 10 s, because anybody can send one.

    Parameters
    ----------
    load
        Reads the secret: texts by key id.
    clock
        Returns seconds.
    """

    def __init__(self, *, load: Callable[[], Mapping[str, str]], clock: Callable[[], float]) -> None:
        self._load, self._clock = load, clock
        self._lock = Lock()
        self._keys: Mapping[str, str] = {}
        self._loaded: float | None = None

    def including(self, key_id: str) -> Mapping[str, str]:
        """Return the keys. If there is none with this id, they have just been loaded, or less than 10 s ago.

        Raises
        ------
        ServiceBusy
            If Secrets Manager is temporarily unavailable. No old key is used then, because it may have been removed.
        """
        with self._lock:
            kept = _KEPT_SECONDS if key_id in self._keys else _LEAST_SECONDS_BETWEEN_LOADS
            if self._loaded is None or self._clock() - self._loaded >= kept:
                self._keys = self._load()
                self._loaded = self._clock()
            return self._keys


@cache
def keys_of(secret: str) -> SigningKeys:
    """Return the keys of a secret, given its ARN."""
    return SigningKeys(load=lambda: _read(secret), clock=time.monotonic)


@transient_storage_errors()
def _read(secret: str) -> Mapping[str, str]:
    keys: dict[str, str] = json.loads(clients.secretsmanager().get_secret_value(SecretId=secret)["SecretString"])
    return keys
