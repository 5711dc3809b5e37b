from uuid import uuid4

import pytest
from botocore.stub import Stubber
from tests.unit.recorded import Recorded
from tests.unit.redaction_functions.redacting import Redacting

from safelight_contracts.redaction.redact import Redact
from safelight_contracts.redaction.service import ServiceSettings, settings_to_environment
from safelight_local.emulator.process import Emulator


@pytest.fixture
def settings(emulated_aws: Emulator, aws: Recorded) -> ServiceSettings:
    """Settings of a service that covers faces, with up to 3 attempts."""
    source, destination, reviews = (f"{name}-{uuid4().hex}" for name in ("source", "destination", "reviews"))
    for bucket in (source, destination, reviews):
        emulated_aws.endpoints.s3.create_bucket(Bucket=bucket)
    return ServiceSettings(
        name="Faces",
        source_bucket=source,
        source_prefix="",
        destination_bucket=destination,
        destination_prefix="",
        reviews_bucket=reviews,
        redact=Redact(),
        calls_per_second=1_000,
        attempts=3,
        event_bus=aws.bus,
    )


@pytest.fixture
def redacting(
    settings: ServiceSettings, aws: Recorded, fake_rekognition: Stubber, monkeypatch: pytest.MonkeyPatch
) -> Redacting:
    """The service of the settings."""
    for name, value in settings_to_environment(settings).items():
        monkeypatch.setenv(name, value)
    return Redacting(
        emulator=aws.emulator,
        source=settings.source_bucket,
        destination=settings.destination_bucket,
        reviews=settings.reviews_bucket,
        recorded=aws,
        rekognition=fake_rekognition,
    )
