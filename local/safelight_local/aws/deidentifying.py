"""Follows a DICOM file through a de-identification. Its keys and its log name only a keyed hash of the file's key."""

import json
from collections.abc import Iterator

from safelight_contracts.redaction.dicom_index import Entry, Place, Room, index_key, is_from, source_name
from safelight_contracts.redaction.service import MADE_FROM
from safelight_local.aws.clients import Clients
from safelight_local.aws.redaction_logs import log_entries, log_group_of
from safelight_local.aws.redaction_states import Ending, Sent, State
from safelight_local.errors import UserError

_FAILED = "all attempts failed"


def watch_deidentified(clients: Clients, *, sent: Sent) -> Iterator[State]:
    """Look how far a de-identification is, again and again."""
    source, log_group = _source(clients, sent=sent), log_group_of(clients, function=sent.redaction.arn)
    while True:
        entry = _entry(clients, sent=sent, source=source)
        if entry is not None and entry.made_from is not None:
            ending = Ending.REDACTED if entry.reason is None else Ending.QUARANTINED
            yield State(ending=ending, reason=entry.reason or "", is_counted=False)
        about = list(log_entries(clients, log_group=log_group, since=sent.since, word=source))
        if any(it.get("source") == source and it.get("outcome") == Ending.FAILED for it in about):
            yield State(ending=Ending.FAILED, reason=_FAILED)
        yield State()


def released_file(clients: Clients, *, sent: Sent) -> tuple[str, str]:
    """Return the bucket and the key of the file that was released.

    Raises
    ------
    UserError
        If it is gone.
    """
    entry = _entry(clients, sent=sent, source=_source(clients, sent=sent))
    for place in entry.places[:1] if entry is not None else ():
        if place.room is Room.DESTINATION:
            return _bucket(place, sent=sent), place.key
    raise UserError(f"{sent.path}: the file that was released is gone")


def remove_deidentified(clients: Clients, *, sent: Sent) -> None:
    """Remove what was made from a file, with its versions. A file of another upload at the same place stays."""
    source = _source(clients, sent=sent)
    entry = _entry(clients, sent=sent, source=source)
    if entry is None:
        return
    for place in entry.places:
        _remove(clients, bucket=_bucket(place, sent=sent), key=place.key, source=source)
    bucket, key = sent.redaction.quarantine_bucket, _index_key(sent, source=source)
    for version in _versions(clients, bucket=bucket, key=key):
        clients.s3.delete_object(Bucket=bucket, Key=key, VersionId=version)


def _source(clients: Clients, *, sent: Sent) -> str:
    secret = clients.secretsmanager.get_secret_value(SecretId=sent.redaction.key_secret)["SecretString"]
    return source_name(
        sent.key,
        source_bucket=sent.redaction.source_bucket,
        destination_bucket=sent.redaction.destination_bucket,
        destination_prefix=sent.redaction.destination_prefix,
        secret=secret.encode(),
    )


def _index_key(sent: Sent, *, source: str) -> str:
    return index_key(source, quarantine_prefix=sent.redaction.quarantine_prefix)


def _entry(clients: Clients, *, sent: Sent, source: str) -> Entry | None:
    bucket, key = sent.redaction.quarantine_bucket, _index_key(sent, source=source)
    try:
        return Entry.from_json(json.loads(clients.s3.get_object(Bucket=bucket, Key=key)["Body"].read()))
    except clients.s3.exceptions.NoSuchKey:
        return None


def _bucket(place: Place, *, sent: Sent) -> str:
    redaction = sent.redaction
    return redaction.quarantine_bucket if place.room is Room.QUARANTINE else redaction.destination_bucket


def _remove(clients: Clients, *, bucket: str, key: str, source: str) -> None:
    for version in _versions(clients, bucket=bucket, key=key):
        found = clients.s3.head_object(Bucket=bucket, Key=key, VersionId=version)
        if is_from(found["Metadata"].get(MADE_FROM), source=source):
            clients.s3.delete_object(Bucket=bucket, Key=key, VersionId=version)


def _versions(clients: Clients, *, bucket: str, key: str) -> list[str]:
    pages = clients.s3.get_paginator("list_object_versions").paginate(Bucket=bucket, Prefix=key)
    return [it["VersionId"] for page in pages for it in page.get("Versions", ()) if it["Key"] == key]
