from collections.abc import Iterator

import pytest

from awskit import clients
from safelight_local.emulator import Emulator


@pytest.fixture
def emulated_aws(emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> Iterator[Emulator]:
    """Make the functions' own clients reach the module's emulator, as its environment does in Lambda."""
    for name, value in emulator.endpoints.variables().items():
        monkeypatch.setenv(name, value)
    made = (clients.s3, clients.dynamodb, clients.events)
    for client in made:
        client.cache_clear()
    yield emulator
    for client in made:
        client.cache_clear()
