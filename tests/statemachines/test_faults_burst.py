"""Sixty uploads at once while Rekognition answers nobody, then five calls a second: all are waited out."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tools.fault_lab.burst import Burst, run_burst
from tools.fault_lab.lab import running_lab

ROOT = Path(__file__).parents[2]
UPLOADS = 60


@pytest.fixture(scope="module")
def burst(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Burst]:
    folder = tmp_path_factory.mktemp("burst")
    with running_lab(folder, project=ROOT, environments=8, progress=lambda _: None) as lab:
        yield run_burst(lab, uploads=UPLOADS, progress=lambda _: None)


def test_every_upload_of_a_throttled_burst_is_published(burst: Burst) -> None:
    assert burst.outcomes == {"PUBLISHED": UPLOADS}
    assert burst.executions == {"SUCCEEDED": UPLOADS}


def test_every_upload_of_a_burst_is_throttled_and_answered(burst: Burst) -> None:
    assert burst.throttled >= UPLOADS
    assert burst.answered == UPLOADS
