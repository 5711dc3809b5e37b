"""Keep what becomes of an upload as the upload is now, whichever event came, and however often.

The entry of the index is written before a file is, so that every file is found again from its upload. After each write,
the upload is read again: it may have changed in the meantime. Another function can handle that change, and change or
delete the entry, before the file is written. Who then cannot finish the entry deletes the file again. If that fails,
or the function ends before it, its event is delivered again. So an entry that was overtaken before it was finished
leaves its places in the next one, even if the upload is gone, and the next event deletes what is there.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from awskit.redaction.dicom.index import StoredEntry, delete_entry, read_entry, write_entry
from awskit.redaction.dicom.names import Names
from awskit.redaction.dicom.putting_aside import put_aside
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
from awskit.transient_errors import ServiceBusy
from awskit.uploads import is_folder_marker
from dicomkit.deidentify import Deidentified
from dicomkit.quarantine import Quarantined, QuarantineReason
from dicomkit.sandbox import deidentify_in_sandbox
from safelight_contracts.redaction.dicom import MAX_DICOM_BYTES
from safelight_contracts.redaction.dicom_index import Entry, Place, Room, is_from
from safelight_contracts.redaction.service import MADE_FROM

READER = "dicomkit.reading:find_text"
"""What finds text in pictures."""

# A function has 3,538 MB. The rest is for this process, which has the file and the result.
_WORKER_BYTES = 2_600_000_000


class Kept(StrEnum):
    """What was done."""

    WRITTEN = "WRITTEN"
    """The file was released, or put aside."""
    CURRENT = "CURRENT"
    """It was as the upload already."""
    REMOVED = "REMOVED"
    """The upload is gone, and what was made from it was deleted."""
    NOTHING = "NOTHING"
    """There is neither an upload nor anything made from one, or the upload is the marker of a folder."""


@dataclass(frozen=True, kw_only=True)
class Keeping:
    """What was done. `upload`, `entry`: None if there is none."""

    kept: Kept
    upload: StoredUpload | None = None
    entry: Entry | None = None


@dataclass(frozen=True, kw_only=True)
class _Made:
    made_from: str
    result: Deidentified | QuarantineReason


@dataclass(frozen=True, kw_only=True)
class Keeper:
    """Keeps what becomes of the uploads of a bucket."""

    names: Names

    def keep(self, key: str) -> Keeping:
        """Release an upload's file, put it aside, or remove what was made from it, so that all is as the upload is now.

        Raises
        ------
        ServiceBusy
            If S3 is temporarily unavailable, or the upload changes again and again.
        Exception
            Any other error. No file was written.
        """
        source, made = self.names.source(key), None
        for _ in range(MAX_ROUNDS):
            upload = find_upload(bucket=self.names.settings.source_bucket, key=key)
            stored = read_entry(bucket=self._quarantine, key=self.names.index_key(source))
            if upload is None or is_folder_marker(upload):
                if stored is None:
                    return Keeping(kept=Kept.NOTHING)
                if self._is_removed(stored, source=source):
                    return Keeping(kept=Kept.REMOVED)
                continue
            name = self.names.made_from(upload)
            if stored is not None and self._is_kept(stored.entry, made_from=name):
                if made is None and not self._is_tidy(stored, source=source):
                    continue
                kept = Kept.WRITTEN if made is not None and made.made_from == name else Kept.CURRENT
                return Keeping(kept=kept, upload=upload, entry=stored.entry)
            try:
                if made is None or made.made_from != name:
                    made = _Made(made_from=name, result=self._deidentified(upload))
                self._write(made, upload=upload, source=source, instead_of=stored)
            except UploadChangedError:
                continue
        raise ServiceBusy("the upload changes again and again")

    @property
    def _quarantine(self) -> str:
        return self.names.settings.quarantine_bucket

    def bucket(self, room: Room) -> str:
        """Return the bucket of a room."""
        return self._quarantine if room is Room.QUARANTINE else self.names.settings.destination_bucket

    def _is_kept(self, entry: Entry, *, made_from: str) -> bool:
        if entry.made_from != made_from:
            return False
        found = self._find(entry.places[0])
        if found is None or found.made_from is None:
            return False
        # What another upload of the same instance wrote is later.
        return found.made_from == made_from or not is_from(found.made_from, source=_source_of(made_from))

    def _is_removed(self, stored: StoredEntry, *, source: str) -> bool:
        """Delete the files of an upload that is gone, and its entry. Return False if the entry has changed.

        If a function may still write a file, the entry stays until the next event.
        """
        entry, index = stored.entry, {"bucket": self._quarantine, "key": self.names.index_key(source)}
        self._remove(entry.places, source=source)
        if entry.uploaded is None or not _overtaken(entry):
            return delete_entry(stored, **index)
        gone = replace(entry, made_from=None, reason=None, uploaded=None)
        return write_entry(gone, instead_of=stored, **index) is not None

    def _is_tidy(self, stored: StoredEntry, *, source: str) -> bool:
        """Delete what functions wrote that were overtaken. Return False if the entry has changed in the meantime."""
        overtaken = _overtaken(stored.entry)
        if not overtaken:
            return True
        self._remove(overtaken, source=source)
        tidy = replace(stored.entry, places=stored.entry.places[:1])
        key = self.names.index_key(source)
        return write_entry(tidy, bucket=self._quarantine, key=key, instead_of=stored) is not None

    def _deidentified(self, upload: StoredUpload) -> Deidentified | QuarantineReason:
        if upload.size > MAX_DICOM_BYTES:
            return QuarantineReason.TOO_LARGE
        settings = self.names.settings
        try:
            return deidentify_in_sandbox(
                read_upload(upload),
                pseudonyms=self.names.pseudonyms,
                dates=settings.dates,
                reader=READER if settings.find_text else None,
                max_memory=_WORKER_BYTES,
            )
        except Quarantined as quarantined:
            return quarantined.reason

    def _write(self, made: _Made, *, upload: StoredUpload, source: str, instead_of: StoredEntry | None) -> None:
        """Write a file and its entry. If either has changed in the meantime, the next round sees why."""
        result = made.result
        place = (
            Place(room=Room.QUARANTINE, key=self.names.quarantine_key(made.made_from))
            if isinstance(result, QuarantineReason)
            else Place(room=Room.DESTINATION, key=self.names.destination_key(result.key))
        )
        earlier = [it for it in (instead_of.entry.places if instead_of else ()) if it != place]
        index = {"bucket": self._quarantine, "key": self.names.index_key(source)}
        reason = str(result) if isinstance(result, QuarantineReason) else None
        entry = Entry(made_from=None, places=[place, *earlier], reason=reason, uploaded=upload.uploaded)
        overtaken = [it for it in (_overtaken(instead_of.entry) if instead_of else ()) if it != place]
        done = replace(entry, made_from=made.made_from, places=[place, *overtaken])
        changing = write_entry(entry, instead_of=instead_of, **index)
        if changing is None:
            return
        final = None
        try:
            if isinstance(result, QuarantineReason):
                put_aside(upload, bucket=self._quarantine, key=place.key, made_from=made.made_from, reason=str(result))
            elif not self._release(result, place=place, made_from=made.made_from, uploaded=upload.uploaded):
                return
            self._remove(earlier, source=source)
            final = write_entry(done, instead_of=changing, **index)
        finally:
            if final is None:
                self._take_back(done, source=source)

    def _release(self, clean: Deidentified, *, place: Place, made_from: str, uploaded: float) -> bool:
        """Write a file, unless that of a later upload is there. Return False if its place has changed."""
        found = self._find(place)
        if found is not None and self._is_later(found, place=place, made_from=made_from, uploaded=uploaded):
            return True
        return write_copy(
            clean.data,
            bucket=self.bucket(place.room),
            key=place.key,
            content_type="application/dicom",
            metadata={MADE_FROM: made_from},
            instead_of=found,
        )

    def _is_later(self, found: StoredCopy, *, place: Place, made_from: str, uploaded: float) -> bool:
        if found.made_from is None or is_from(found.made_from, source=_source_of(made_from)):
            return False
        other = read_entry(bucket=self._quarantine, key=self.names.index_key(_source_of(found.made_from)))
        if other is None or other.entry.uploaded is None:
            return False
        # A file is written before its entry is finished.
        is_its_entry = other.entry.made_from in (None, found.made_from) and other.entry.places[0] == place
        return is_its_entry and other.entry.uploaded > uploaded

    def _take_back(self, done: Entry, *, source: str) -> None:
        """Delete the file that was just written, unless the entry of the same version leads to it."""
        stored, place = read_entry(bucket=self._quarantine, key=self.names.index_key(source)), done.places[0]
        if (
            stored is not None
            and stored.entry.places[0] == place
            and stored.entry.uploaded == done.uploaded
            and stored.entry.made_from in (None, done.made_from)
        ):
            return
        found = self._find(place)
        if found is not None and found.made_from == done.made_from and not delete_copy(found):
            raise ServiceBusy("a file changed while it was deleted")

    def _find(self, place: Place) -> StoredCopy | None:
        return find_copy(bucket=self.bucket(place.room), key=place.key)

    def _remove(self, places: Sequence[Place], *, source: str) -> None:
        """Delete the files at these places that were made from an upload."""
        for place in places:
            found = self._find(place)
            if found is None or not is_from(found.made_from, source=source):
                continue
            if not delete_copy(found):
                raise ServiceBusy("a file changed while it was deleted")


def _overtaken(entry: Entry) -> Sequence[Place]:
    """Return the places at which a function may still write that did not finish its entry."""
    return entry.places if entry.made_from is None else entry.places[1:]


def _source_of(made_from: str) -> str:
    return made_from.partition("/")[0]
