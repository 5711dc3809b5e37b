import json
import os
import re
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.local.command_line import pids, safelight, servers_of

from safelight_local.samples import Samples, write_samples

APP = """
from aws_cdk import App, Stack
from safelight import ImageWorkflow
app = App()
ImageWorkflow(Stack(app, "Mine"), "Photos", key_prefix="incoming/")
app.synth()
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A deployed CDK app of a user."""
    folder = tmp_path_factory.mktemp("project")
    (folder / "app.py").write_text(APP)
    done = safelight(folder, "up", "--app", f"{sys.executable} app.py")
    try:
        assert done.returncode == 0, done
        yield folder
    finally:
        safelight(folder, "down")


@pytest.fixture(scope="module")
def samples(tmp_path_factory: pytest.TempPathFactory) -> Samples:
    return write_samples(tmp_path_factory.mktemp("samples"))


def row(output: str, key: str) -> str:
    return next(line for line in output.splitlines() if line.startswith(key))


def test_images_are_uploaded_and_reported_one_per_row(project: Path, samples: Samples) -> None:
    done = safelight(project, "run", str(samples.odd_name), str(samples.small), str(samples.text))
    assert done.returncode == 0, done
    published = row(done.stdout, "incoming/park/café + crème 100%.jpg")
    assert "PUBLISHED" in published
    assert "tile 400x400" in published
    assert "IMAGE_TOO_SMALL" in row(done.stdout, "incoming/park/small.jpg")
    assert "UNREADABLE_IMAGE" in row(done.stdout, "incoming/park/notes.jpg")


def test_the_place_type_chooses_the_route(project: Path, samples: Samples) -> None:
    done = safelight(project, "run", str(samples.person), "--place-type", "restaurant")
    assert "NO_PEOPLE_ALLOWED" in row(done.stdout, "incoming/restaurant/astronaut.jpg"), done


def test_a_place_without_a_listing_stays_without_one(project: Path, samples: Samples) -> None:
    done = safelight(project, "run", str(samples.landscape), "--place", "nowhere")
    assert "PLACE_NOT_FOUND" in row(done.stdout, "incoming/nowhere/coffee.jpg"), done


def test_one_file_given_twice_has_two_executions(project: Path, samples: Samples) -> None:
    done = safelight(project, "run", str(samples.small), str(samples.small), "--place", "twice")
    rows = [line for line in done.stdout.splitlines() if line.startswith("incoming/twice/small.jpg")]
    assert len(rows) == 2, done
    assert all("PLACE_NOT_FOUND" in line for line in rows), done


def test_an_execution_is_listed_and_shown(project: Path, samples: Samples) -> None:
    safelight(project, "run", str(samples.sideways), "--place-type", "park", "--place", "shown")
    listed = safelight(project, "executions").stdout
    line = next(line for line in listed.splitlines() if "incoming/shown/sideways-cat.jpg" in line)
    assert line.startswith("PUBLISHED")
    name = line.split()[-1]
    shown = safelight(project, "show", name).stdout
    assert "PUBLISHED" in shown
    assert "Prepare" in shown
    assert "moderation  accepted" in shown
    assert re.search(r"incoming/shown/sideways-cat.jpg/[0-9a-f]{32}/scaled.jpg", shown)
    assert "600 x 800" in shown


def test_an_execution_is_found_by_the_beginning_of_its_name_and_by_the_key_of_its_upload(
    project: Path, samples: Samples
) -> None:
    done = safelight(project, "run", str(samples.small), "--place", "found", "--place-type", "park", "--json")
    (uploaded,) = json.loads(done.stdout)
    assert (uploaded["outcome"], uploaded["reason"]) == ("REJECTED", "IMAGE_TOO_SMALL")
    for named in (uploaded["execution"][:13], uploaded["key"]):
        shown = json.loads(safelight(project, "show", named, "--json").stdout)
        assert shown == uploaded
    listed = json.loads(safelight(project, "executions", "--json").stdout)
    assert {"key": uploaded["key"], "outcome": "REJECTED", "reason": "IMAGE_TOO_SMALL"}.items() <= listed[0].items()


def test_an_unknown_execution_or_workflow_is_reported(project: Path, samples: Samples) -> None:
    unknown = safelight(project, "show", "none")
    assert (unknown.returncode, "there is no execution none" in unknown.stderr) == (2, True)
    other = safelight(project, "run", str(samples.small), "--workflow", "Scans")
    assert (other.returncode, "Mine.Photos" in other.stderr) == (2, True)


def test_a_second_up_deploys_again_and_starts_nothing(project: Path) -> None:
    before = pids(project)
    again = safelight(project, "up", "--app", f"{sys.executable} app.py")
    assert again.returncode == 0, again
    assert "The emulator is already running" in again.stdout
    assert pids(project) == before


def test_a_failed_deployment_leaves_running_services_running(project: Path) -> None:
    before = pids(project)
    failed = safelight(project, "up", "--app", f"{sys.executable} -c \"raise ValueError('no')\"")
    assert (failed.returncode, len(failed.stderr.splitlines())) == (2, 1)
    assert pids(project) == before
    assert safelight(project, "executions").returncode == 0


def test_a_dead_emulator_is_reported_and_the_rest_is_stopped(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text(APP)
    assert safelight(tmp_path, "up", "--app", f"{sys.executable} app.py").returncode == 0
    os.kill(pids(tmp_path)[0], signal.SIGKILL)
    told = safelight(tmp_path, "executions")
    assert told.returncode == 2
    assert "the emulator has stopped by itself" in told.stderr
    assert "start again with `safelight up`" in told.stderr
    assert len(told.stderr.splitlines()) == 1
    assert servers_of(tmp_path) == []


def test_down_stops_everything_that_up_started(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text(APP)
    assert safelight(tmp_path, "up", "--app", f"{sys.executable} app.py").returncode == 0
    assert servers_of(tmp_path) != []
    assert safelight(tmp_path, "down").returncode == 0
    assert servers_of(tmp_path) == []
