"""What Rekognition finds in a source or a picture of it. It is asked once for each content."""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from botocore.exceptions import ClientError

from awskit import clients
from awskit.delivery.budget import Budget
from awskit.delivery.pictures import moderated_picture, small_picture
from awskit.delivery.places import is_missing
from awskit.delivery.sources import SourceChangedError
from awskit.rekognition import client
from awskit.rekognition.analysis import REFUSALS, InternalServerError
from awskit.rekognition.answers import face_details
from awskit.rekognition.boxes import box_of
from awskit.rekognition.moderation import find_moderation_labels
from awskit.transient_errors import transient_errors_as, transient_storage_errors
from imagekit.geometry import Box
from imagekit.operations.delivered import EncodedImage
from imagekit.rejection import unreadable
from imagekit.rendering.contact_sheet import MAX_ASPECT
from safelight_contracts.delivery.effects import BlurUnsafe
from safelight_contracts.delivery.refusals import Refusal, RequestRefusedError
from safelight_contracts.limits import Limits
from safelight_contracts.rekognition import MIN_SIDE

# All labels, so that one answer serves every threshold.
_ANY_CONFIDENCE = 0.0


@dataclass(frozen=True, kw_only=True)
class Verdicts:
    """Where what was found in a source is kept.

    Parameters
    ----------
    bucket
        The results bucket.
    prefix
        For this content of the source.
    is_current
        Says whether the source still has this content.
    """

    bucket: str
    prefix: str
    is_current: Callable[[], bool]

    def find_faces(self, source: EncodedImage, *, limits: Limits, budget: Budget) -> tuple[Box, ...]:
        """Find faces, in parts of the upright picture. Empty if there are none.

        Raises
        ------
        ImageRejected
            If the picture cannot be decoded, or Rekognition refuses it.
        ServiceBusy, InternalServerError, MalformedAnswer, botocore.exceptions.ClientError
            If Rekognition or S3 fails.
        SourceChangedError
            If the source has been replaced or deleted.
        """

        def ask() -> list[list[float]]:
            picture = small_picture(source, limits=limits, budget=budget)
            if min(picture.width, picture.height) < MIN_SIDE:
                return []
            with _rekognition_errors():
                answer = client.rekognition().detect_faces(Image={"Bytes": picture.data})
            boxes = (box_of(face["BoundingBox"]) for face in face_details(answer))
            return [[box.left, box.top, box.right, box.bottom] for box in boxes]

        return tuple(
            Box(left=left, top=top, right=right, bottom=bottom)
            for left, top, right, bottom in self._kept("faces", ask=ask)
        )

    def is_unsafe(self, finished: EncodedImage, *, limits: Limits, budget: Budget, blurs: Iterable[BlurUnsafe]) -> bool:
        """Return whether a picture has a label that one of the operations counts.

        Parameters
        ----------
        finished
            As it would be published. What was found is kept by its bytes: another picture of the source can show more.

        Raises
        ------
        RequestRefusedError
            `BAD_PARAMETER` if the picture is too long to be judged. That is the request's fault, not the source's.
        ImageRejected, ServiceBusy, InternalServerError, MalformedAnswer, botocore.exceptions.ClientError
            As for `find_faces`.
        """
        _check_aspect(finished)

        def ask() -> list[dict[str, Any]]:
            prepared = moderated_picture(finished, limits=limits, budget=budget)
            with _rekognition_errors():
                labels = find_moderation_labels({"Bytes": prepared.data}, min_confidence=_ANY_CONFIDENCE)
            return [{"name": label["Name"], "confidence": label["Confidence"]} for label in labels]

        found = self._kept(f"labels-{sha256(finished.data).hexdigest()[:32]}", ask=ask)
        return any(_counts(label, blur) for blur in blurs for label in found)

    def _kept(self, name: str, *, ask: Callable[[], Any]) -> Any:
        key = f"{self.prefix}{name}"
        kept = _read(key, bucket=self.bucket)
        if kept is None:
            kept = ask()
            self._keep(kept, key=key)
        return kept

    def _keep(self, found: Sequence[object], *, key: str) -> None:
        """Keep what was found, unless the event that forgets the source may have come before."""
        is_current = False
        try:
            _write(found, key=key, bucket=self.bucket)
            is_current = self.is_current()
        finally:
            if not is_current:
                _remove(key, bucket=self.bucket)
        if not is_current:
            raise SourceChangedError


def _check_aspect(finished: EncodedImage) -> None:
    longer, shorter = sorted((finished.header.width, finished.header.height), reverse=True)
    if longer > MAX_ASPECT * shorter:
        raise RequestRefusedError(
            Refusal.BAD_PARAMETER,
            f"The picture would be {finished.header.width} x {finished.header.height}, and contentModeration cannot "
            f"judge one that is longer than {MAX_ASPECT}:1. Ask for a size that is not so long.",
            parameter="contentModeration",
        )


def _counts(label: dict[str, Any], blur: BlurUnsafe) -> bool:
    # Rekognition returns the labels above a label too.
    return label["confidence"] >= blur.min_confidence and (not blur.labels or label["name"] in blur.labels)


@contextmanager
def _rekognition_errors() -> Iterator[None]:
    try:
        with transient_errors_as(InternalServerError):
            yield
    except ClientError as error:
        if error.response["Error"]["Code"] in REFUSALS:
            raise unreadable("refused by Rekognition") from error
        raise


@transient_storage_errors()
def _read(key: str, *, bucket: str) -> Any:
    try:
        return json.loads(clients.s3().get_object(Bucket=bucket, Key=key)["Body"].read())
    except ClientError as error:
        if is_missing(error):
            return None
        raise


@transient_storage_errors()
def _write(found: Sequence[object], *, key: str, bucket: str) -> None:
    clients.s3().put_object(Bucket=bucket, Key=key, Body=json.dumps(found).encode(), ContentType="application/json")


@transient_storage_errors()
def _remove(key: str, *, bucket: str) -> None:
    clients.s3().delete_object(Bucket=bucket, Key=key)
