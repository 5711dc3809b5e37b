"""Objects that a delivery makes images from."""

import io
import mimetypes
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from botocore.exceptions import ClientError

from safelight_local.aws.clients import Clients
from safelight_local.errors import UserError

_BEGINNING = 1_000_000


@dataclass(frozen=True, kw_only=True)
class SourceObject:
    """An object in a source bucket. ``etag`` has no quotes."""

    clients: Clients
    bucket: str
    key: str
    etag: str
    length: int

    def beginning(self) -> IO[bytes]:
        """Read the first megabyte: most headers are in it."""
        if self.length <= _BEGINNING:
            return self.whole()
        return self._read(f"bytes=0-{_BEGINNING - 1}")

    def whole(self) -> IO[bytes]:
        """Read all of it."""
        return self._read(f"bytes=0-{self.length - 1}") if self.length else io.BytesIO()

    def _read(self, part: str) -> IO[bytes]:
        answer = self.clients.s3.get_object(Bucket=self.bucket, Key=self.key, IfMatch=self.etag, Range=part)
        return io.BytesIO(answer["Body"].read())


def find_source(clients: Clients, *, bucket: str, key: str) -> SourceObject:
    """Find an object. Raises UserError if it is not there, or cannot be read."""
    try:
        found = clients.s3.head_object(Bucket=bucket, Key=key)
    except ClientError as error:
        if _is_missing(error):
            hint = ": most keys do not begin with a slash" if key.startswith("/") else ""
            raise UserError(f"there is no object {key} in the bucket {bucket}{hint}") from error
        raise UserError(f"the object {key} in the bucket {bucket} cannot be read: {error}") from error
    return SourceObject(
        clients=clients, bucket=bucket, key=key, etag=found["ETag"].strip('"'), length=found["ContentLength"]
    )


def etag_of(clients: Clients, *, bucket: str, key: str) -> str | None:
    """Return the ETag of an object, or None if it is not there. Raises UserError if S3 does not say."""
    try:
        return clients.s3.head_object(Bucket=bucket, Key=key)["ETag"].strip('"')
    except ClientError as error:
        if _is_missing(error):
            return None
        raise UserError(f"the object {key} in the bucket {bucket} cannot be read: {error}") from error


def upload_source(clients: Clients, *, bucket: str, key: str, file: Path) -> str:
    """Upload a file, and return the object's ETag. Raises UserError if S3 refuses it."""
    content_type = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
    try:
        with file.open("rb") as body:
            answer = clients.s3.put_object(Bucket=bucket, Key=key, Body=body, ContentType=content_type)
    except ClientError as error:
        raise UserError(f"{file} cannot be uploaded to the bucket {bucket}: {error}") from error
    return answer["ETag"].strip('"')


def _is_missing(error: ClientError) -> bool:
    return error.response["Error"]["Code"] in ("404", "NoSuchKey", "NotFound")
