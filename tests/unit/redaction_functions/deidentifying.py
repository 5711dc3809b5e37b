"""A de-identification whose function runs in this process, and whose buckets are in the emulator."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pytest
from pydicom.uid import SecondaryCaptureImageStorage
from tests.unit.dicomkit.dicom_files import INSTANCE, SERIES, STUDY, ct, file_of
from tests.unit.recorded import Recorded
from tests.unit.redaction_functions.messages import batch_about

from awskit import clients
from awskit.redaction import large_objects
from dicomkit.pseudonyms import Pseudonyms
from redaction.dicom.handler import handler
from safelight_contracts.redaction.dicom import DicomSettings, settings_to_environment
from safelight_contracts.redaction.dicom_index import source_name

SECRET = "k" * 64
PSEUDONYMS = Pseudonyms(key=SECRET.encode())
RELEASED = "clean/" + "/".join(PSEUDONYMS.uid(uid) for uid in (STUDY, SERIES, INSTANCE)) + ".dcm"
KEY = "scans/Quistgaard^Leonora.dcm"


@dataclass(frozen=True, kw_only=True)
class Deidentifying:
    """The buckets of a de-identification, and its bus."""

    settings: DicomSettings
    recorded: Recorded

    @property
    def s3(self) -> Any:
        return self.recorded.emulator.endpoints.s3

    def put(self, data: bytes, *, key: str = KEY, **arguments: Any) -> None:
        self.s3.put_object(Bucket=self.settings.source_bucket, Key=key, Body=data, **arguments)

    def delete(self, key: str = KEY) -> None:
        self.s3.delete_object(Bucket=self.settings.source_bucket, Key=key)

    def source(self, key: str = KEY) -> str:
        """The name of an upload's key."""
        secret = self.recorded.emulator.endpoints.secretsmanager.get_secret_value(SecretId=self.settings.key_secret)
        return source_name(
            key,
            source_bucket=self.settings.source_bucket,
            destination_bucket=self.settings.destination_bucket,
            destination_prefix=self.settings.destination_prefix,
            secret=secret["SecretString"].encode(),
        )

    def uploaded(self, key: str) -> datetime:
        """When an upload was stored."""
        head = self.s3.head_object(Bucket=self.settings.source_bucket, Key=key)
        stored: datetime = head["LastModified"]
        return stored

    def released(self) -> list[str]:
        """The keys of released files."""
        return self._keys(self.settings.destination_bucket)

    def aside(self) -> list[str]:
        """The keys of files that are put aside."""
        return [key for key in self._keys(self.settings.quarantine_bucket) if key.startswith("aside/files/")]

    def index(self) -> list[str]:
        """The keys of entries of the index."""
        return [key for key in self._keys(self.settings.quarantine_bucket) if key.startswith("aside/index/")]

    def _keys(self, bucket: str) -> list[str]:
        return [it["Key"] for it in self.s3.list_objects_v2(Bucket=bucket).get("Contents", ())]

    def file(self, key: str) -> dict[str, Any]:
        """A released file."""
        found: dict[str, Any] = self.s3.get_object(Bucket=self.settings.destination_bucket, Key=key)
        return found | {"Data": found["Body"].read()}

    def handle(self, key: str = KEY, *, attempt: int = 1) -> bool:
        """Handle an event about a key, and return whether it succeeded."""
        batch = batch_about(key, bucket=self.settings.source_bucket, attempt=attempt)
        return not handler(batch, None)["batchItemFailures"]

    def put_and_handle(self, data: bytes) -> None:
        self.put(data)
        assert self.handle()

    def delete_and_handle(self) -> None:
        self.delete()
        assert self.handle()

    def events(self, *, expected: int) -> list[tuple[str, dict[str, Any]]]:
        """The detail type and the detail of the events that were sent."""
        return [(it["detail-type"], it["detail"]) for it in self.recorded.events(expected=expected)]


def configured(settings: DicomSettings, *, aws: Recorded, monkeypatch: pytest.MonkeyPatch) -> Deidentifying:
    for name, value in settings_to_environment(settings).items():
        monkeypatch.setenv(name, value)
    return Deidentifying(settings=settings, recorded=aws)


def capture() -> bytes:
    """A secondary capture."""
    return file_of(ct(SOPClassUID=SecondaryCaptureImageStorage))


def before(operation: str, do: Callable[[], object], *, of: str) -> None:
    """Do something once, before the function makes a call that writes to a bucket of this name."""
    waiting = [do]

    def act(params: dict[str, Any], **_: object) -> None:
        if params["Bucket"].startswith(of) and waiting:
            waiting.pop()()

    client = large_objects.s3() if operation == "CopyObject" else clients.s3()
    client.meta.events.register(f"provide-client-params.s3.{operation}", act)


def stored_in_another_second(dicom: Deidentifying, *, after: str, put: str) -> None:
    """Put a file until S3 says another second than of the upload before it."""
    earlier = dicom.uploaded(after)
    while True:
        dicom.put(file_of(ct()), key=put)
        if dicom.uploaded(put) > earlier:
            return
