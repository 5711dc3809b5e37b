"""A hundred times the same event: one set of renditions, one announcement."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from tools.fault_lab.lab import FaultLab, running_lab
from tools.fault_lab.run import picture, prepare_place
from tools.fault_lab.scenarios import JPEG

from safelight_local.aws.executions import Execution

ROOT = Path(__file__).parents[2]
DUPLICATES = 100


@dataclass(frozen=True, kw_only=True)
class Duplicates:
    """Executions that one upload's event started, all of which have ended."""

    lab: FaultLab
    first: Execution
    others: list[Execution]


@pytest.fixture(scope="module")
def duplicates(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Duplicates]:
    folder = tmp_path_factory.mktemp("duplicates")
    with running_lab(folder, project=ROOT, environments=2, progress=lambda _: None) as lab:
        key = prepare_place(lab, scenario=JPEG, place="many")
        etag = lab.upload(JPEG.workflow, key=key, body=picture(lab, JPEG))
        first = lab.started_by(key=key, etag=etag)
        started = [lab.start(JPEG.workflow, event=first.event) for _ in range(DUPLICATES)]
        yield Duplicates(lab=lab, first=lab.ended(first.arn), others=[lab.ended(execution) for execution in started])


def test_every_duplicate_succeeds_and_changes_nothing(duplicates: Duplicates) -> None:
    everyone = [duplicates.first, *duplicates.others]
    assert Counter(execution.status for execution in everyone) == {"SUCCEEDED": DUPLICATES + 1}
    went_on = [one for one in everyone if duplicates.lab.passed_through(one.arn, state="Prepare")]
    assert len(went_on) == 1


def test_a_hundred_duplicates_make_one_set_of_renditions(duplicates: Duplicates) -> None:
    lab, key = duplicates.lab, duplicates.first.upload["key"]
    bucket = lab.workflows[JPEG.workflow].published_bucket
    versions = lab.aws.s3.list_object_versions(Bucket=bucket, Prefix=f"{key}/").get("Versions", [])
    attempts = {version["Key"].removeprefix(f"{key}/").partition("/")[0] for version in versions}
    names = sorted(version["Key"].rpartition("/")[2] for version in versions)
    assert (len(attempts), names) == (1, ["scaled.jpg", "tile.jpg"])


def test_a_hundred_duplicates_are_recorded_and_announced_once(duplicates: Duplicates) -> None:
    lab, key = duplicates.lab, duplicates.first.upload["key"]
    assert lab.outcomes(JPEG.workflow) == {"PUBLISHED": 1}
    lab.wait_for(lambda: lab.announced_of(key) or None, what=f"announcement of {key}")
    assert lab.announced_of(key) == ["Image Published"]
