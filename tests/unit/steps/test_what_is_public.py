"""For any order of events of a key's uploads, the published bucket has only permitted objects."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from tests.unit.executing import Executing
from tests.unit.recorded import Recorded, make_recorded

from awskit.executions import Execution
from awskit.outcomes.deletion import Deletion, withdraw_deleted
from awskit.outcomes.publication import ClaimLostError
from awskit.outcomes.resources import resources_from_environment
from awskit.outcomes.sweeping import finish
from awskit.records.table import plain
from awskit.rejection import RejectedImage
from awskit.uploads import parse_upload
from image_workflow.sweep.everything import sweep_everything
from safelight_contracts.records import pad_sequencer
from safelight_local.emulator.process import Emulator

KEY = "p1/a.jpg"
LONG_AGO = "2020-01-01T00:00:00.000Z"


@dataclass
class Known:
    """The expected state of an upload."""

    status: str
    claimed_by: str | None = None
    standing: bool = False


@dataclass
class KeyModel:
    """The model of a key: its uploads, the upload of the asset, and the permitted sets."""

    uploads: dict[int, Known] = field(default_factory=dict)
    current: tuple[int, str] | None = None
    obsolete: set[tuple[int, str]] = field(default_factory=set)
    under_way: dict[str, tuple[int, dict[str, Any]]] = field(default_factory=dict)
    published: list[tuple[int, dict[str, Any]]] = field(default_factory=list)
    tombstone: int = 0


class Lives(RuleBasedStateMachine):
    """The uploads of one key in v5, and the invariants."""

    def __init__(self, make: Callable[[], Recorded], *, uploads: str) -> None:
        super().__init__()
        self.make, self.bucket = make, uploads

    @initialize()
    def begin(self) -> None:
        self.aws = self.make()
        self.executing = Executing(aws=self.aws)
        self.model = KeyModel()
        self.clock = 0
        self._there(exists=False)

    def _there(self, *, exists: bool) -> None:
        s3 = self.aws.emulator.endpoints.s3
        if exists:
            s3.put_object(Bucket=self.bucket, Key=KEY, Body=b"")
        else:
            s3.delete_object(Bucket=self.bucket, Key=KEY)

    def _tick(self) -> int:
        self.clock += 1
        return self.clock

    def _start(self, number: int) -> None:
        execution = f"e{self._tick()}"
        event = self.executing.event(KEY, sequencer=f"{number:X}", execution=execution)
        event["image"]["bucket"] = self.bucket
        assert self.executing.claim(event, reprocess=True)
        known = self.model.uploads.setdefault(number, Known("PROCESSING"))
        known.claimed_by = execution
        if not known.standing:
            known.status = "PROCESSING"
        self.executing.render(event)
        self.model.under_way[execution] = number, event

    @rule()
    def upload(self) -> None:
        self._there(exists=True)
        self._start(self._tick())

    def _unclaimed(self) -> list[int]:
        return [
            number
            for number, known in self.model.uploads.items()
            if known.claimed_by is None and known.status != "WITHDRAWN"
        ]

    @precondition(lambda self: self._unclaimed())
    @rule(data=st.data())
    def reprocess(self, data: st.DataObject) -> None:
        self._start(data.draw(st.sampled_from(self._unclaimed())))

    def _end_one(self, data: st.DataObject) -> tuple[str, int, dict[str, Any]]:
        execution = data.draw(st.sampled_from(sorted(self.model.under_way)))
        return execution, *self.model.under_way.pop(execution)

    @precondition(lambda self: self.model.under_way)
    @rule(data=st.data())
    def publish(self, data: st.DataObject) -> None:
        execution, number, event = self._end_one(data)
        model, known = self.model, self.model.uploads[number]
        newer = model.current is not None and model.current[0] > number
        if newer or (known.claimed_by == execution and model.tombstone > number):
            reason = "SUPERSEDED" if newer else "WITHDRAWN"
            with pytest.raises(RejectedImage, match=reason):
                self.executing.publish(event, version="v5")
            if known.claimed_by == execution:
                self._reject(number, event, reason=reason)
        elif known.claimed_by != execution:
            assert self.executing.publish(event, version="v5") == known.status == "WITHDRAWN"
        else:
            assert self.executing.publish(event, version="v5") == "PUBLISHED"
            if model.current is not None:
                model.obsolete.add(model.current)
            model.current = number, execution
            model.uploads[number] = Known("PUBLISHED", standing=True)
            model.published.append((number, event))

    @precondition(lambda self: self.model.published)
    @rule(data=st.data())
    def publish_again(self, data: st.DataObject) -> None:
        """Retry a step whose transaction was committed, at any time: it must change nothing."""
        _, event = data.draw(st.sampled_from(self.model.published))
        with suppress(RejectedImage, ClaimLostError):
            self.executing.publish(event, version="v5")

    @precondition(lambda self: self.model.under_way)
    @rule(data=st.data())
    def reject(self, data: st.DataObject) -> None:
        execution, number, event = self._end_one(data)
        if self.model.uploads[number].claimed_by == execution:
            self._reject(number, event, reason="FAILED_MODERATION")
        self._sweep(event)

    def _reject(self, number: int, event: dict[str, Any], *, reason: str) -> None:
        self.executing.reject(event, reason=reason)
        if self.model.uploads[number].standing:
            self.executing.remove_rejected(event)
            self._gone(number)
        self.model.uploads[number] = Known("REJECTED")

    def _gone(self, number: int) -> None:
        self.model.obsolete = {one for one in self.model.obsolete if one[0] != number}
        if self.model.current is not None and self.model.current[0] == number:
            self.model.current = None

    @precondition(lambda self: self.model.under_way)
    @rule(data=st.data())
    def stop(self, data: st.DataObject) -> None:
        execution, number, event = self._end_one(data)
        self._sweep(event)
        known = self.model.uploads[number]
        if known.claimed_by == execution:
            known.claimed_by = None
            known.status = "PUBLISHED" if known.standing else "FAILED"

    def _sweep(self, event: dict[str, Any]) -> None:
        ended = Execution(arn=event["execution"], status="ABORTED", started_by=None, error=None, cause=None)
        finish(ended, parse_upload(event), resources=resources_from_environment())

    @rule()
    def delete(self) -> None:
        self._there(exists=False)
        number = self._tick()
        deletion = Deletion(
            bucket=self.bucket,
            key=KEY,
            sequencer=pad_sequencer(f"{number:X}"),
            version_id=None,
            is_marker=False,
            is_expiry=False,
        )
        withdraw_deleted(deletion, resources=resources_from_environment())
        self.model.tombstone = number
        for before, known in self.model.uploads.items():
            if known.status == "PUBLISHED":
                self._gone(before)
                self.model.uploads[before] = Known("WITHDRAWN")

    @rule()
    def a_day_passes(self) -> None:
        for found in self.aws.open_items():
            if found["kind"] == "OBSOLETE":
                self.aws.change_open_item(found, dueAt=LONG_AGO)
        sweep_everything(resources=resources_from_environment(), state_machine=None)
        self.model.obsolete.clear()

    def _keys(self, number: int, execution: str) -> list[str]:
        return self.executing.written_by(self.executing.event(KEY, sequencer=f"{number:X}", execution=execution))

    @invariant()
    def exactly_what_may_be_there_is_there(self) -> None:
        model = self.model
        sets = {*model.obsolete, *((number, execution) for execution, (number, _) in model.under_way.items())}
        sets |= set() if model.current is None else {model.current}
        assert self.aws.keys() == sorted(key for one in sets for key in self._keys(*one))

    @invariant()
    def the_asset_points_at_the_newest_that_is_published(self) -> None:
        asset = plain(self.aws.asset_item(KEY))
        current = self.model.current
        assert asset.get("attempt") == (
            None if current is None else self.executing.set_of(self.executing.event(KEY, execution=current[1])).attempt
        )

    @invariant()
    def records_say_so(self) -> None:
        found = {number: plain(self.aws.upload_item(KEY, sequencer=f"{number:X}")) for number in self.model.uploads}
        assert {number: record["status"] for number, record in found.items()} == {
            number: known.status for number, known in self.model.uploads.items()
        }
        assert {number for number, record in found.items() if "claimedBy" in record} == {
            number for number, known in self.model.uploads.items() if known.claimed_by is not None
        }

    def teardown(self) -> None:
        if not hasattr(self, "model"):
            return
        for _, event in self.model.under_way.values():
            self._sweep(event)
        self.a_day_passes()
        current = self.model.current
        assert self.aws.keys() == ([] if current is None else self._keys(*current))


def test_only_permitted_renditions_are_ever_public(
    emulated_aws: Emulator, uploads: str, aws: Recorded, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert aws.workflow

    def make() -> Recorded:
        made = make_recorded(emulated_aws)
        monkeypatch.setenv("RECORDS_TABLE", made.table)
        monkeypatch.setenv("PUBLISHED_BUCKET", made.bucket)
        monkeypatch.setenv("EVENT_BUS", made.bus)
        return made

    run_state_machine_as_test(
        # Whatever makes one will do.
        lambda: Lives(make, uploads=uploads),  # type: ignore[arg-type]
        settings=settings(
            max_examples=10, stateful_step_count=15, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
