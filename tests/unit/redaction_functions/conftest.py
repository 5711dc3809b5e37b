from collections.abc import Iterator
from uuid import uuid4

import pytest
from botocore.stub import Stubber
from tests.unit.recorded import Recorded
from tests.unit.redaction_functions.deidentifying import SECRET, Deidentifying, configured
from tests.unit.redaction_functions.redacting import Redacting

from awskit.redaction import large_objects
from awskit.redaction.dicom.secret import pseudonyms_of
from dicomkit.sandbox import worker
from safelight_contracts.redaction.dicom import Dates, DicomSettings
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


@pytest.fixture(scope="module")
def _no_worker_is_left() -> Iterator[None]:
    yield
    worker.close()


@pytest.fixture
def dicom_settings(aws: Recorded, _no_worker_is_left: None) -> Iterator[DicomSettings]:
    """Settings of a de-identification that does not look for text, with up to 3 attempts."""
    pseudonyms_of.cache_clear()
    large_objects.s3.cache_clear()
    names = {f"{name}_bucket": f"{name}-{uuid4().hex}" for name in ("source", "destination", "quarantine")}
    for bucket in names.values():
        aws.emulator.endpoints.s3.create_bucket(Bucket=bucket)
    secret = aws.emulator.endpoints.secretsmanager.create_secret(Name=uuid4().hex, SecretString=SECRET)
    yield DicomSettings(
        name="Dicom",
        **names,
        source_prefix="",
        destination_prefix="clean/",
        quarantine_prefix="aside/",
        key_secret=secret["ARN"],
        dates=Dates.EMPTY,
        find_text=False,
        attempts=3,
        event_bus=aws.bus,
    )
    pseudonyms_of.cache_clear()
    large_objects.s3.cache_clear()


@pytest.fixture
def dicom(dicom_settings: DicomSettings, aws: Recorded, monkeypatch: pytest.MonkeyPatch) -> Deidentifying:
    """The de-identification of the settings."""
    return configured(dicom_settings, aws=aws, monkeypatch=monkeypatch)
