"""Keep the redacted copy of an upload as the upload is now, whichever event came, and however often.

The boxes of a copy are written before it, so that every copy has its boxes.

The function reads the upload's current state, so that events that come twice, late or in another order do no harm.
Every write and every deletion names what it replaces. After each, the upload is read again: it may have changed in the
meantime. What another redaction wrote is neither replaced nor deleted.
"""

import json
from dataclasses import dataclass
from enum import StrEnum

from awskit.logs import logger
from awskit.redaction.finding import find_boxes
from awskit.redaction.objects import (
    MAX_ROUNDS,
    StoredCopy,
    StoredUpload,
    UploadChangedError,
    delete_copy,
    find_copy,
    find_upload,
    read_upload,
    write_copy,
)
from awskit.redaction.reviewing import review_of
from awskit.rejection import RejectedImage, UploadFault
from awskit.transient_errors import ServiceBusy
from awskit.uploads import is_folder_marker
from imagekit.decoding.limits import inspect, validate_file_size
from imagekit.formats.registry import FORMATS
from imagekit.rejection import ImageRejected, unsupported
from imagekit.sandbox.redaction import opened_in_sandbox
from safelight_contracts.detectors import Detector
from safelight_contracts.development import Development
from safelight_contracts.image_types import ImageType
from safelight_contracts.keys import MAX_KEY_BYTES
from safelight_contracts.limits import Limits
from safelight_contracts.redaction.boxes import counts_of
from safelight_contracts.redaction.reviews import PhotoReview, boxes_key
from safelight_contracts.redaction.service import COUNTS, ServiceSettings

# For one kind of thing. At 0.4 seconds a call of Rekognition and 0.5 calls a second, three kinds take the 15 minutes of
# the function at most.
_MAX_PICTURES = 100


class Kept(StrEnum):
    """What was done."""

    REDACTED = "REDACTED"
    """A copy was written."""
    CURRENT = "CURRENT"
    """The copy was as the upload already."""
    REMOVED = "REMOVED"
    """The upload is gone, and its copy and the copy's boxes were deleted."""
    REJECTED = "REJECTED"
    """The upload cannot be redacted. The copy of an earlier upload of the key stays, unless that was erased."""
    NOTHING = "NOTHING"
    """There is neither an upload nor a copy, or the upload is the marker of a folder."""
    BEHIND = "BEHIND"
    """The copy is not as the upload is, and was left so."""


@dataclass(frozen=True, kw_only=True)
class Keeping:
    """What was done, and with what.

    `upload`: what the key has now. None if there is none.
    `copy`: the copy of the upload, as it is now. None if there is none.
    `rejection`: why the upload cannot be redacted. None if it can.
    """

    kept: Kept
    upload: StoredUpload | None = None
    copy: StoredCopy | None = None
    rejection: ImageRejected | RejectedImage | None = None


@dataclass(frozen=True, kw_only=True)
class _Made:
    data: bytes
    content_type: str
    counts: dict[str, int]
    review: PhotoReview


@dataclass(frozen=True, kw_only=True)
class _State:
    """An upload, its copy, and the copy's boxes, as they are now. `name`: what the copy of the upload is made from."""

    upload: StoredUpload | None
    copy: StoredCopy | None
    review: StoredCopy | None
    name: str | None

    @property
    def has_no_copy(self) -> bool:
        """Whether there must be no copy."""
        return self.upload is None or is_folder_marker(self.upload)

    @property
    def is_current(self) -> bool:
        """Whether the copy and its boxes are as the upload is."""
        copy, review = self.copy, self.review
        return copy is not None and review is not None and copy.made_from == review.made_from == self.name


@dataclass(frozen=True, kw_only=True)
class Keeper:
    """Keeps redacted copies of the objects of a bucket."""

    settings: ServiceSettings
    limits: Limits
    development: Development

    def keep(self, key: str, *, erased: str | None = None) -> Keeping:
        """Write, replace or delete the redacted copy of an upload, so that it is as the upload is now.

        `erased`: a version of the upload that was deleted for good. Its copy is deleted. Default: none.

        Raises
        ------
        ServiceBusy
            If S3 is temporarily unavailable, or the upload or its copy changes again and again.
        Exception
            Any other error of `awskit.redaction.finding.find_boxes`, which is not a rejection. Nothing was written.
        """
        made: dict[str, _Made] = {}
        is_removed = False
        for _ in range(MAX_ROUNDS):
            state = self._state(key)
            upload, copy = state.upload, state.copy
            leftovers = self._leftovers(state, erased=erased)
            if leftovers:
                # The copy first: it is never without its boxes.
                is_removed = all(delete_copy(it) for it in leftovers)
                continue
            if upload is None or state.name is None or state.has_no_copy:
                return Keeping(kept=Kept.REMOVED if is_removed else Kept.NOTHING, upload=upload)
            if state.is_current:
                return Keeping(kept=Kept.REDACTED if state.name in made else Kept.CURRENT, upload=upload, copy=copy)
            try:
                self._validate_place(key, copy=copy)
                made[state.name] = made.get(state.name) or self._make(upload, name=state.name)
            except UploadChangedError:
                continue
            except (ImageRejected, RejectedImage) as rejection:
                return Keeping(kept=Kept.REJECTED, upload=upload, rejection=rejection)
            self._write(made[state.name], key=key, copy=copy, review=state.review)
        raise ServiceBusy("the upload or its redacted copy changes again and again")

    def look(self, key: str) -> Keeping:
        """Return what is kept, and change nothing: `CURRENT`, `NOTHING` or `BEHIND`.

        Raises ServiceBusy as for `keep`.
        """
        state = self._state(key)
        if state.has_no_copy:
            kept = Kept.BEHIND if self._leftovers(state, erased=None) else Kept.NOTHING
        else:
            kept = Kept.CURRENT if state.is_current else Kept.BEHIND
        return Keeping(kept=kept, upload=state.upload, copy=state.copy)

    def _state(self, key: str) -> _State:
        upload = find_upload(bucket=self.settings.source_bucket, key=key)
        name = None if upload is None else self.settings.made_from(etag=upload.etag, version_id=upload.version_id)
        return _State(upload=upload, copy=self._copy(key), review=self._review(key), name=name)

    def _leftovers(self, state: _State, *, erased: str | None) -> list[StoredCopy]:
        """List what is left of uploads that are gone: a copy, and its boxes."""
        own = [it for it in (state.copy, state.review) if it is not None and self.settings.is_own(it.made_from)]
        if state.has_no_copy:
            return own
        return [it for it in own if erased and self.settings.is_of_version(it.made_from, version_id=erased)]

    def _validate_place(self, key: str, *, copy: StoredCopy | None) -> None:
        """Raise RejectedImage: `KEY_TOO_LONG`, or `DESTINATION_TAKEN` if another redaction wrote what is there."""
        if self._is_too_long(key):
            raise RejectedImage(UploadFault.KEY_TOO_LONG, detail={"maxBytes": MAX_KEY_BYTES})
        if copy is not None and copy.made_from is not None and not self.settings.is_own(copy.made_from):
            raise RejectedImage(UploadFault.DESTINATION_TAKEN)

    def _is_too_long(self, key: str) -> bool:
        return len(self.settings.destination_key(key).encode()) > MAX_KEY_BYTES

    def _copy(self, key: str) -> StoredCopy | None:
        if self._is_too_long(key):
            return None
        return find_copy(bucket=self.settings.destination_bucket, key=self.settings.destination_key(key))

    def _review(self, key: str) -> StoredCopy | None:
        return find_copy(bucket=self.settings.reviews_bucket, key=boxes_key(self.settings.destination_key(key)))

    def _make(self, upload: StoredUpload, *, name: str) -> _Made:
        if upload.is_redacted:
            raise RejectedImage(UploadFault.OWN_RENDITION)
        validate_file_size(upload.size, limits=self.limits)
        data = read_upload(upload)
        header = inspect(data, limits=self.limits)
        redact = self.settings.redact
        if redact.detector is Detector.OPENCV and header.type is ImageType.RAW:
            # The function has no room for the library that develops it.
            raise unsupported(header.type)
        with opened_in_sandbox(data, header=header, limits=self.limits, development=self.development) as image:
            boxes = find_boxes(image, redact=redact, max_pictures=_MAX_PICTURES)
            redacted = image.redact(boxes=boxes, redact=redact)
        counts = counts_of(boxes)
        logger().info("Redacted", boxes=counts)
        return _Made(
            data=redacted.data,
            content_type=FORMATS[redacted.type].content_type,
            counts=counts,
            review=review_of(redacted, boxes=boxes, redact=redact, made_from=name),
        )

    def _write(self, made: _Made, *, key: str, copy: StoredCopy | None, review: StoredCopy | None) -> None:
        """Write boxes and a copy. What has changed in the meantime is not written, and the next round sees why."""
        destination_key = self.settings.destination_key(key)
        has_boxes = write_copy(
            json.dumps(made.review.as_json(), separators=(",", ":")).encode(),
            bucket=self.settings.reviews_bucket,
            key=boxes_key(destination_key),
            content_type="application/json",
            metadata=made.review.metadata,
            instead_of=review,
        )
        if has_boxes:
            write_copy(
                made.data,
                bucket=self.settings.destination_bucket,
                key=destination_key,
                content_type=made.content_type,
                metadata={**made.review.metadata, COUNTS: json.dumps(made.counts)},
                instead_of=copy,
            )
