"""Each event of an upload announces the outcome of that upload, whatever else happened to its key."""

from dataclasses import dataclass, replace

import pytest
from tests.unit.redaction_functions.messages import deleted
from tests.unit.redaction_functions.redacting import FACE, Redacting, striped

from awskit import clients
from safelight_contracts.redaction.service import ServiceSettings, settings_to_environment


@dataclass
class Bus:
    """A switch of the event bus."""

    is_down: bool = False

    def check(self, **_: object) -> None:
        if self.is_down:
            raise ConnectionError("the bus is down")


@pytest.fixture
def bus() -> Bus:
    """The event bus, which can be down."""
    switch = Bus()
    clients.events().meta.events.register("provide-client-params.events.PutEvents", switch.check)
    return switch


def told(redacting: Redacting, *, expected: int) -> list[tuple[str | None, str, str | None]]:
    """The version, the status and the reason of each event."""
    return [(it["versionId"], it["status"], it["reason"]) for _, it in redacting.events(expected=expected)]


def test_two_events_of_an_upload_announce_the_same(redacting: Redacting) -> None:
    redacting.put(striped())
    redacting.sees(FACE)
    redacting.handle()
    redacting.handle()
    first, second = redacting.events(expected=2)
    assert first == second


def test_the_same_bytes_that_are_uploaded_again_have_an_outcome_of_their_own(redacting: Redacting) -> None:
    redacting.put(striped())
    redacting.sees(FACE)
    redacting.handle()
    redacting.put(striped())
    redacting.handle()
    assert told(redacting, expected=2) == [(None, "REDACTED", None)] * 2


def test_each_version_of_an_upload_has_an_outcome(redacting: Redacting) -> None:
    redacting.keep_versions()
    changes = []
    for quality in (95, 90, 80):
        redacting.put(striped(quality=quality))
        changes.append(redacting.change())
    redacting.sees(FACE)
    for change in changes:
        assert redacting.handle(change=change)
    first, second, third = (it["object"]["version-id"] for it in changes)
    assert told(redacting, expected=3) == [
        (first, "REJECTED", "SUPERSEDED"),
        (second, "REJECTED", "SUPERSEDED"),
        (third, "REDACTED", None),
    ]


def test_an_upload_that_is_replaced_while_it_is_redacted_is_superseded(redacting: Redacting) -> None:
    redacting.put(striped())
    change = redacting.change()
    redacting.put(striped(quality=90))
    redacting.sees(FACE)
    assert redacting.handle(change=change)
    assert redacting.handle()
    assert [it[1:] for it in told(redacting, expected=2)] == [("REJECTED", "SUPERSEDED"), ("REDACTED", None)]


def test_an_upload_that_was_deleted_is_withdrawn(redacting: Redacting) -> None:
    redacting.put(striped())
    change = redacting.change()
    redacting.delete()
    assert redacting.handle(change=change)
    assert redacting.handle()
    assert told(redacting, expected=1) == [(None, "REJECTED", "WITHDRAWN")]


def test_the_deletion_of_an_older_version_does_not_announce_a_rejection_again(redacting: Redacting) -> None:
    older = redacting.redact_then_reject()
    redacting.s3.delete_object(Bucket=redacting.source, Key="a.jpg", VersionId=older)
    assert redacting.handle(change=deleted(version_id=older))
    assert [it[1] for it in told(redacting, expected=2)] == ["REDACTED", "REJECTED"]


def test_an_older_version_that_is_the_upload_again_is_announced(redacting: Redacting) -> None:
    redacting.keep_versions()
    redacting.put(striped())
    older = redacting.change()["object"]["version-id"]
    redacting.put(striped(quality=90))
    newer = redacting.change()["object"]["version-id"]
    redacting.sees(FACE)
    redacting.handle()
    redacting.s3.delete_object(Bucket=redacting.source, Key="a.jpg", VersionId=newer)
    redacting.sees(FACE)
    assert redacting.handle(change=deleted(version_id=newer))
    assert told(redacting, expected=2) == [(newer, "REDACTED", None), (older, "REDACTED", None)]


def test_a_copy_whose_announcement_failed_in_every_attempt_is_announced_in_the_end(
    redacting: Redacting, bus: Bus
) -> None:
    redacting.put(striped())
    redacting.sees(FACE)
    bus.is_down = True
    assert not any(redacting.handle(attempt=attempt) for attempt in (1, 2, 3))
    bus.is_down = False
    assert redacting.handle(attempt=4)
    assert told(redacting, expected=1) == [(None, "REDACTED", None)]


def test_a_redrive_announces_what_became_of_an_upload(redacting: Redacting, bus: Bus) -> None:
    redacting.put(striped())
    redacting.sees(FACE)
    bus.is_down = True
    assert not any(redacting.handle(attempt=attempt) for attempt in (1, 2, 3, 4))
    bus.is_down = False
    assert redacting.handle(attempt=1)
    assert told(redacting, expected=1) == [(None, "REDACTED", None)]


@pytest.mark.parametrize("reason", ["SUPERSEDED", "WITHDRAWN"])
def test_what_is_gone_when_the_attempts_are_used_up_has_not_failed(redacting: Redacting, reason: str) -> None:
    redacting.put(striped())
    change = redacting.change()
    if reason == "SUPERSEDED":
        redacting.put(striped(quality=90))
    else:
        redacting.delete()
    assert redacting.handle(attempt=4, change=change)
    assert told(redacting, expected=1) == [(None, "REJECTED", reason)]


def test_a_copy_that_could_not_be_deleted_in_any_attempt_has_failed(redacting: Redacting) -> None:
    redacting.put(striped())
    redacting.sees(FACE)
    redacting.handle()
    redacting.delete()
    assert not redacting.handle(attempt=4)
    assert [it[1] for it in told(redacting, expected=2)] == ["REDACTED", "FAILED"]


def test_a_failure_is_announced_when_nobody_can_look(redacting: Redacting) -> None:
    redacting.put(striped())
    change = redacting.change()

    def refuse(**_: object) -> None:
        raise ConnectionError("S3 is down")

    clients.s3().meta.events.register("provide-client-params.s3.HeadObject", refuse)
    assert not redacting.handle(attempt=4, change=change)
    assert told(redacting, expected=1) == [(None, "FAILED", None)]


def test_a_place_that_another_redaction_uses_is_left_alone(
    redacting: Redacting, settings: ServiceSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    redacting.put(striped())
    redacting.sees(FACE)
    redacting.handle()
    before = redacting.copy()["ETag"]
    for name, value in settings_to_environment(replace(settings, name="Another")).items():
        monkeypatch.setenv(name, value)
    assert redacting.handle()
    assert [it[1:] for it in told(redacting, expected=2)] == [("REDACTED", None), ("REJECTED", "DESTINATION_TAKEN")]
    redacting.delete()
    assert redacting.handle()
    assert redacting.copy()["ETag"] == before
