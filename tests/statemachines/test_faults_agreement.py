"""What the fault laboratory finds wrong with what is left of a key: docs/faults.md says `clean` if it finds nothing."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from tools.fault_lab.agreement import Public, disagreements

SEQUENCER = "0" * 31 + "A"
RENDITIONS = [{"key": "p1/a.jpg/1/tile.jpg"}, {"key": "p1/a.jpg/1/large.jpg"}]
KEYS = frozenset(rendition["key"] for rendition in RENDITIONS)
OLD_KEYS = frozenset({"p1/a.jpg/0/tile.jpg"})
RUN = {"attempt": "1", "renditions": RENDITIONS, "executionArn": "first"}
RECORD = {"sk": f"UPLOAD#{SEQUENCER}", "status": "PUBLISHED", **RUN}
ASSET = {"sequencer": SEQUENCER, **RUN}


def event_on(status: str, *, execution: str = "first", renditions: Any = ()) -> Mapping[str, Any]:
    return {
        "detail-type": f"Image {status.capitalize()}",
        "detail": {"executionArn": execution, "renditions": list(renditions)},
    }


PUBLISHED = Public(
    records=(RECORD,),
    asset=ASSET,
    kept=(),
    stored=KEYS,
    readable=KEYS,
    bare=frozenset(),
    events=(event_on("PUBLISHED", renditions=RENDITIONS),),
)


def ended(status: str, **attributes: Any) -> Public:
    """Make what is left of an upload that is not public."""
    record = {"sk": f"UPLOAD#{SEQUENCER}", "status": status, "executionArn": "first"} | attributes
    return Public(
        records=(record,),
        asset=None,
        kept=(),
        stored=frozenset(),
        readable=frozenset(),
        bare=frozenset(),
        events=(event_on(status),),
    )


def found(public: Public) -> list[str]:
    return list(disagreements(public))


@pytest.mark.parametrize(
    "public",
    [
        PUBLISHED,
        ended("REJECTED"),
        ended("FAILED"),
        ended("WITHDRAWN"),
        replace(ended("WITHDRAWN", supersededBy="0B"), events=()),
        replace(PUBLISHED, kept=("p1/a.jpg/0/",), stored=KEYS | OLD_KEYS, readable=KEYS | OLD_KEYS),
        replace(PUBLISHED, records=(RECORD | {"supersededBy": "0B", "executionArn": "first"}, RECORD)),
    ],
    ids=["published", "rejected", "failed", "withdrawn", "replaced and withdrawn", "kept for a day", "replaced"],
)
def test_a_consistent_state_has_no_finding(public: Public) -> None:
    assert found(public) == []


@pytest.mark.parametrize("status", ["PUBLISHED", "REJECTED", "FAILED"])
def test_a_record_that_is_still_claimed_is_found(status: str) -> None:
    public = PUBLISHED if status == "PUBLISHED" else ended(status)
    claimed = replace(public, records=tuple({**record, "claimedBy": "first"} for record in public.records))
    assert found(claimed) == ["claimed"]


def test_a_record_without_an_outcome_is_found() -> None:
    assert found(ended("PROCESSING")) == ["PROCESSING"]


@pytest.mark.parametrize("status", ["REJECTED", "FAILED", "WITHDRAWN"])
@pytest.mark.parametrize("events", [(), (event_on("PUBLISHED"),)], ids=["no event", "another event"])
def test_an_outcome_without_its_event_is_found(status: str, events: tuple[Mapping[str, Any], ...]) -> None:
    assert found(replace(ended(status), events=events)) == [f"{status} was not announced"]


@pytest.mark.parametrize(
    "events",
    [
        (),
        (event_on("PUBLISHED", renditions=RENDITIONS[:1]),),
        (event_on("PUBLISHED", renditions=RENDITIONS, execution="second"),),
    ],
    ids=["no event", "other renditions", "another execution"],
)
def test_a_publication_without_the_event_that_names_its_renditions_is_found(
    events: tuple[Mapping[str, Any], ...],
) -> None:
    assert found(replace(PUBLISHED, events=events)) == ["PUBLISHED was not announced"]


def test_an_unreferenced_object_is_found() -> None:
    assert found(replace(PUBLISHED, stored=KEYS | OLD_KEYS)) == ["1 left in the bucket"]


def test_an_unreferenced_readable_object_is_found() -> None:
    assert found(replace(PUBLISHED, readable=KEYS | OLD_KEYS)) == ["1 readable"]


def test_a_rendition_that_shows_what_its_route_covers_is_found() -> None:
    assert found(replace(PUBLISHED, bare=frozenset({"p1/a.jpg/1/tile.jpg"}))) == ["1 show what is covered"]


def test_a_referenced_object_that_readers_cannot_get_is_found() -> None:
    assert found(replace(PUBLISHED, readable=frozenset(sorted(KEYS)[:1]))) == ["1 missing"]


def test_two_published_uploads_are_found() -> None:
    assert found(replace(PUBLISHED, records=(RECORD, RECORD))) == ["2 published at the same time"]


def test_an_asset_without_a_published_upload_is_found() -> None:
    rejected = ended("REJECTED")
    with_asset = replace(rejected, asset=ASSET, stored=KEYS, readable=KEYS)
    assert found(with_asset) == ["an asset without a published upload"]


def test_a_published_upload_without_an_asset_is_found() -> None:
    assert found(replace(PUBLISHED, asset=None, stored=frozenset(), readable=frozenset())) == ["no asset"]


@pytest.mark.parametrize("other", [{"attempt": "2"}, {"executionArn": "second"}, {"sequencer": "0" * 31 + "B"}])
def test_an_asset_of_another_upload_is_found(other: dict[str, str]) -> None:
    assert found(replace(PUBLISHED, asset=ASSET | other)) == ["an asset of another upload"]
