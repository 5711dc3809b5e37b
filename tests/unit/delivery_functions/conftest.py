import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest
from tests.unit.delivery_functions.delivering import SECRET, Delivering

from awskit import clients
from awskit.delivery import clients as delivery_clients
from awskit.delivery.signing_keys import keys_of
from safelight_contracts.delivery.forms import Dialect
from safelight_contracts.delivery.settings import DeliverySettings, Signing, Source, settings_to_environment
from safelight_local.emulator.process import Emulator

PRESETS = {"card": {"width": "80", "format": "jpeg"}, "auto": {"width": "60"}}


@pytest.fixture
def settings(emulated_aws: Emulator) -> DeliverySettings:
    """Settings of a delivery of one bucket, with two presets and two permitted widths."""
    source, results = (f"{name}-{uuid4().hex}" for name in ("source", "results"))
    for bucket in (source, results):
        emulated_aws.endpoints.s3.create_bucket(Bucket=bucket)
    return DeliverySettings(
        scope="cdn",
        sources=(Source(bucket=source),),
        results_bucket=results,
        presets=PRESETS,
        sizes=((100, None), (50, None)),
        dialect=Dialect.SIH,
        signing=Signing.OFF,
        is_open=False,
        keys_secret=None,
        has_edge=False,
    )


@pytest.fixture
def configure(
    emulated_aws: Emulator, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[DeliverySettings], Delivering]]:
    """Tell the functions their settings, as their environment does."""
    _forget_clients()

    def tell(given: DeliverySettings) -> Delivering:
        for name, value in settings_to_environment(given).items():
            monkeypatch.setenv(name, value)
        return Delivering(emulator=emulated_aws, source=given.sources[0].bucket, results=given.results_bucket)

    yield tell
    _forget_clients()


@pytest.fixture
def signing(settings: DeliverySettings) -> DeliverySettings:
    """The same settings, and a key that signs."""
    secret = delivery_clients.secretsmanager().create_secret(Name=uuid4().hex, SecretString=json.dumps({"1": SECRET}))
    return replace(settings, signing=Signing.OPTIONAL, keys_secret=secret["ARN"])


@pytest.fixture
def delivering(configure: Callable[[DeliverySettings], Delivering], settings: DeliverySettings) -> Delivering:
    """A delivery with these settings."""
    return configure(settings)


def _forget_clients() -> None:
    for made in (
        delivery_clients.cloudfront,
        delivery_clients.presigner,
        delivery_clients.secretsmanager,
        clients.sqs,
        keys_of,
    ):
        made.cache_clear()


@pytest.fixture
def source_reads(delivering: Delivering) -> list[str]:
    """The key of every read of a source that the functions make."""
    made: list[str] = []

    def record(params: dict[str, Any], **_: object) -> None:
        if params["Bucket"] == delivering.source:
            made.append(params["Key"])

    clients.s3().meta.events.register("provide-client-params.s3.GetObject", record)
    return made


@pytest.fixture
def writes(delivering: Delivering) -> list[str]:
    """The key of every object that the functions write or try to write into the results bucket."""
    made: list[str] = []

    def record(params: dict[str, Any], **_: object) -> None:
        if params["Bucket"] == delivering.results:
            made.append(params["Key"])

    clients.s3().meta.events.register("provide-client-params.s3.PutObject", record)
    return made


@pytest.fixture
def before_storing(delivering: Delivering) -> Callable[[Callable[[], object]], None]:
    """Do something once, after a picture was made and before its result is stored."""

    def register(do: Callable[[], object]) -> None:
        waiting = [do]

        def act(params: dict[str, Any], **_: object) -> None:
            if params["Bucket"] == delivering.results and params["Key"].startswith("r1/") and waiting:
                waiting.pop()()

        clients.s3().meta.events.register("provide-client-params.s3.PutObject", act)

    return register
