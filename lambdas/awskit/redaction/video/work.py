"""The private files of one execution: plans, detections, covers and chunks."""

import json
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from fcntl import LOCK_EX, LOCK_NB, flock
from pathlib import Path
from shutil import rmtree
from tempfile import gettempdir, mkdtemp
from typing import TYPE_CHECKING, Any

from awskit import clients
from awskit.redaction.large_objects import download, upload
from awskit.transient_errors import ServiceBusy, transient_storage_errors

if TYPE_CHECKING:
    from mypy_boto3_s3.type_defs import ObjectIdentifierTypeDef

PLAN = "plan.json"
CHUNKS = "chunks.json"
REVIEW = "review.json"

# See "DeleteObjects" in the S3 API reference.
_MAX_DELETED = 1000


@dataclass(frozen=True, kw_only=True)
class Work:
    """Where the files of an execution are. No reader has access to the bucket."""

    bucket: str
    prefix: str

    @transient_storage_errors()
    def read_json(self, name: str) -> Any:
        """Read a file.

        Raises ServiceBusy if S3 is temporarily unavailable.
        """
        return json.loads(clients.s3().get_object(Bucket=self.bucket, Key=self.prefix + name)["Body"].read())

    @transient_storage_errors()
    def write_json(self, name: str, value: Any) -> None:
        """Write a file.

        Raises ServiceBusy if S3 is temporarily unavailable.
        """
        body = json.dumps(value, separators=(",", ":"), allow_nan=False).encode()
        clients.s3().put_object(Bucket=self.bucket, Key=self.prefix + name, Body=body, ContentType="application/json")

    def upload(self, path: Path, *, name: str) -> None:
        """Write a large file.

        Raises ServiceBusy if S3 is temporarily unavailable.
        """
        upload(path, Bucket=self.bucket, Key=self.prefix + name)

    def download(self, name: str, *, path: Path) -> None:
        """Read a large file into a local one.

        Raises ServiceBusy if S3 is temporarily unavailable.
        """
        download(path, Bucket=self.bucket, Key=self.prefix + name)

    @transient_storage_errors()
    def remove(self) -> None:
        """Delete all files of the execution.

        Raises ServiceBusy if S3 is temporarily unavailable, or removed only some of them.
        """
        pages = clients.s3().get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=self.prefix)
        keys = [there["Key"] for page in pages for there in page.get("Contents", ())]
        for start in range(0, len(keys), _MAX_DELETED):
            batch: list[ObjectIdentifierTypeDef] = [{"Key": key} for key in keys[start : start + _MAX_DELETED]]
            answer = clients.s3().delete_objects(Bucket=self.bucket, Delete={"Objects": batch, "Quiet": True})
            if refused := answer.get("Errors"):
                raise ServiceBusy(f"{len(refused)} files were not removed: {refused[0].get('Code')}")


def chunk_plan(chunk: int) -> str:
    """Return the name of the plan of one chunk."""
    return f"plans/{chunk}.json"


def detections(chunk: int) -> str:
    """Return the name of what was found in one chunk."""
    return f"detections/{chunk}.json"


def covers(chunk: int) -> str:
    """Return the name of what is covered in one chunk."""
    return f"covers/{chunk}.json"


def redacted_chunk(chunk: int) -> str:
    """Return the name of one redacted chunk."""
    return f"chunks/{chunk}.mp4"


@contextmanager
def local_folder() -> Iterator[Path]:
    """Yield an empty local folder, which is removed afterwards: the next call of the function needs its room.

    So are the folders that processes have left that were killed. Lambda keeps the files of a call that timed out or ran
    out of memory, and starts the next call beside them.
    """
    parent = Path(gettempdir()) / f"safelight-video-{os.getuid()}"
    parent.mkdir(mode=0o700, exist_ok=True)
    with ExitStack() as folders:
        with _locked(parent):
            _remove_left(parent)
            folder = Path(mkdtemp(dir=parent))
            # The lock ends with the process, however that ends.
            folders.enter_context(_locked(folder))
            folders.callback(rmtree, folder)
        yield folder


def _remove_left(parent: Path) -> None:
    for folder in parent.iterdir():
        try:
            with _locked(folder, also=LOCK_NB):
                rmtree(folder)
        except (BlockingIOError, FileNotFoundError):
            # Another process works in it, or has just removed it: on a laptop, functions share the parent folder.
            continue


@contextmanager
def _locked(folder: Path, *, also: int = 0) -> Iterator[None]:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        flock(descriptor, LOCK_EX | also)
        yield
    finally:
        os.close(descriptor)
