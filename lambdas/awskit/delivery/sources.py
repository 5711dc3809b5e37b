"""Read a source: its first bytes, what its header says, and then the rest of the same object."""

from dataclasses import dataclass

from botocore.exceptions import ClientError

from awskit import clients
from awskit.delivery.places import Place, is_missing, place_of
from awskit.transient_errors import ServiceBusy, transient_storage_errors
from imagekit.decoding.limits import inspect, validate_file_size, validate_header
from imagekit.formats.format import RECOGNITION_BYTES
from imagekit.formats.inspection import inspect_header
from imagekit.formats.registry import recognise
from imagekit.operations.delivered import EncodedImage
from imagekit.rejection import ImageFault, ImageRejected
from imagekit.source import FIRST_FETCH_BYTES, FetchedSource
from safelight_contracts.delivery.refusals import Refusal, RequestRefusedError
from safelight_contracts.delivery.settings import DeliverySettings
from safelight_contracts.keys import parse_version_id
from safelight_contracts.limits import Limits

_VERSION_DIGITS = 8
_CHANGED = {"PreconditionFailed", "NoSuchKey", "InvalidRange"}
_EMPTY = "InvalidRange"


class SourceChangedError(Exception):
    """Raised if a source was replaced or deleted while it was read."""


@dataclass(frozen=True, kw_only=True)
class Source:
    """A source that is being read.

    Parameters
    ----------
    etag
        With its quotes.
    version_id
        ``None`` if the bucket keeps no versions, or did not when the object was written.
    size
        Bytes.
    head
        The first 64 KB.
    """

    place: Place
    etag: str
    version_id: str | None
    size: int
    head: bytes

    @property
    def fingerprint(self) -> str:
        """See `awskit.delivery.places.Place.fingerprint`."""
        return self.place.fingerprint(self.etag)

    def is_version(self, version: str) -> bool:
        """Return whether ``v`` names what the source is now: the first 8 digits of the ETag, or the whole version id.

        Each content has one of each, so that nobody can have its results stored countless times.
        """
        return version in (self.version_id, self.etag.strip('"')[:_VERSION_DIGITS])


@transient_storage_errors()
def open_source(*, bucket: str, key: str, settings: DeliverySettings) -> Source:
    """Read the first bytes of a source.

    Raises
    ------
    RequestRefusedError
        `NOT_FOUND` if it does not exist, is not published or is archived.
    ImageRejected
        `UNREADABLE_IMAGE` if it is empty.
    ServiceBusy
        If S3 or DynamoDB is temporarily unavailable.
    """
    place = place_of(bucket=bucket, key=key, settings=settings)
    if place is None:
        raise not_found()
    try:
        answer = clients.s3().get_object(Bucket=place.bucket, Key=place.key, Range=f"bytes=0-{FIRST_FETCH_BYTES - 1}")
        head = answer["Body"].read()
    except ClientError as error:
        if is_missing(error) or error.response["Error"]["Code"] == "InvalidObjectState":
            raise not_found() from error
        if error.response["Error"]["Code"] == _EMPTY:
            raise not_an_image() from error
        raise
    return Source(
        place=place,
        etag=answer["ETag"],
        version_id=parse_version_id(answer.get("VersionId")),
        size=int(answer["ContentRange"].rpartition("/")[2]) if "ContentRange" in answer else len(head),
        head=head,
    )


def read_source(source: Source, *, limits: Limits) -> EncodedImage:
    """Check a source against the limits by its header, and read the rest of it.

    Raises
    ------
    RequestRefusedError
        `NOT_AN_IMAGE`.
    ImageRejected
        For any other fault of the image.
    SourceChangedError
        If it was replaced or deleted in the meantime.
    ServiceBusy
        If S3 is temporarily unavailable, or returns more or fewer bytes than requested.
    """
    validate_file_size(source.size, limits=limits)
    try:
        recognise(source.head[:RECOGNITION_BYTES])
    except ImageRejected as rejection:
        if rejection.reason is ImageFault.UNREADABLE_IMAGE:
            raise not_an_image() from rejection
        raise
    if source.size > len(source.head):
        header = inspect_header(FetchedSource(lambda offset, length: _part(source, offset, length), size=source.size))
        validate_header(header, size=source.size, limits=limits)
    rest = source.size - len(source.head)
    data = source.head + (_part(source, len(source.head), rest) if rest else b"")
    return EncodedImage(data=data, header=inspect(data, limits=limits))


def not_found() -> RequestRefusedError:
    """Return the refusal of a request for an image that does not exist."""
    return RequestRefusedError(Refusal.NOT_FOUND, "There is no such image.")


def not_an_image() -> RequestRefusedError:
    """Return the refusal of a request for something else than an image."""
    return RequestRefusedError(Refusal.NOT_AN_IMAGE, "This is not an image of a known type.")


@transient_storage_errors()
def _part(source: Source, offset: int, length: int) -> bytes:
    if offset + length <= len(source.head):
        return source.head[offset : offset + length]
    try:
        answer = clients.s3().get_object(
            Bucket=source.place.bucket,
            Key=source.place.key,
            IfMatch=source.etag,
            Range=f"bytes={offset}-{offset + length - 1}",
        )
        body = answer["Body"].read()
    except ClientError as error:
        if error.response["Error"]["Code"] in _CHANGED:
            raise SourceChangedError from error
        raise
    if len(body) != length:
        raise ServiceBusy(f"S3 returned {len(body)} bytes of a source instead of {length}")
    return body
