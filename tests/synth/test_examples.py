"""Every example is an app that synthesises, is deployed, and does with an image what it is an example of."""

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest
from tests.local.command_line import safelight
from tests.local.emulator_clients import wait_until

from safelight_local.emulator import state
from safelight_local.samples import Samples, write_samples

EXAMPLES = Path(__file__).parents[2] / "examples"
NAMES = sorted(app.parent.name for app in EXAMPLES.glob("*/app.py"))
OWN_BUCKET = "holiday-photos"


@pytest.fixture(scope="module")
def assembly(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Synthesises an example once, and gives the folder of its templates."""

    @cache
    def synthesise(name: str) -> Path:
        folder = tmp_path_factory.mktemp(name)
        environment = os.environ | {"CDK_OUTDIR": str(folder), "CDK_CONTEXT_JSON": '{"safelight:platform": "local"}'}
        command = [sys.executable, str(EXAMPLES / name / "app.py")]
        result = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
        assert result.returncode == 0, result.stderr
        return folder

    return synthesise


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory, assembly: Callable[[str], Path]) -> Iterator[Path]:
    """A folder whose emulator has the workflow with its own check, and the one on a bucket that was there before."""
    folder = tmp_path_factory.mktemp("project")
    try:
        done = safelight(folder, "up", "--app", str(assembly("own_check")))
        assert done.returncode == 0, done
        services = state.load(project=folder)
        assert services is not None
        services.endpoints.s3.create_bucket(Bucket=OWN_BUCKET)
        services.endpoints.s3.put_bucket_notification_configuration(
            Bucket=OWN_BUCKET, NotificationConfiguration={"EventBridgeConfiguration": {}}
        )
        done = safelight(folder, "up", "--app", str(assembly("own_bucket")))
        assert done.returncode == 0, done
        yield folder
    finally:
        safelight(folder, "down")


@pytest.fixture(scope="module")
def samples(tmp_path_factory: pytest.TempPathFactory) -> Samples:
    return write_samples(tmp_path_factory.mktemp("samples"))


@pytest.mark.thorough
@pytest.mark.parametrize("name", NAMES)
def test_the_example_synthesises(assembly: Callable[[str], Path], name: str) -> None:
    assert list(assembly(name).glob("**/*.template.json"))


def test_a_custom_check_accepts_photos_until_the_quota_is_reached(project: Path, samples: Samples) -> None:
    workflow = ("--workflow", "PhotosWithQuota/Workflow")
    first = safelight(project, "run", str(samples.landscape), str(samples.person), *workflow)
    assert first.stdout.count("PUBLISHED") == 2, first
    third = safelight(project, "run", str(samples.sideways), *workflow)
    assert "QUOTA_REACHED" in third.stdout, third
    again = safelight(project, "run", str(samples.person), *workflow)
    assert "PUBLISHED" in again.stdout, again


def test_an_upload_to_an_existing_bucket_is_published_into_it(project: Path, samples: Samples) -> None:
    done = safelight(project, "run", str(samples.landscape), "--workflow", "HolidayPhotos.Workflow")
    assert "PUBLISHED" in done.stdout, done
    services = state.load(project=project)
    assert services is not None
    stored = services.endpoints.s3.list_objects_v2(Bucket=OWN_BUCKET)["Contents"]
    # An attempt of a workflow writes a set of renditions under a name that nobody has been told.
    assert [re.sub("/[0-9a-f]{32}/", "/ATTEMPT/", item["Key"]) for item in stored] == [
        "incoming/park/coffee.jpg",
        "published/incoming/park/coffee.jpg/ATTEMPT/scaled.jpg",
        "published/incoming/park/coffee.jpg/ATTEMPT/tile.jpg",
    ]


def test_a_custom_function_receives_every_outcome(
    project: Path, assembly: Callable[[str], Path], samples: Samples
) -> None:
    up = safelight(project, "up", "--app", str(assembly("outcomes")))
    assert up.returncode == 0, up
    done = safelight(
        project, "run", str(samples.landscape), str(samples.small), "--workflow", "PhotosWithNotes/Workflow"
    )
    assert "PUBLISHED" in done.stdout, done
    services = state.load(project=project)
    assert services is not None
    logs = services.endpoints.logs

    def lines() -> str:
        events = logs.filter_log_events(logGroupName="/photos/notes")["events"]
        return "\n".join(event["message"] for event in events)

    wait_until(lambda: "PUBLISHED park/coffee.jpg None published: ['park/coffee.jpg/" in lines())
    wait_until(lambda: "REJECTED park/small.jpg IMAGE_TOO_SMALL published: []" in lines())


@pytest.mark.parametrize(
    ("name", "stack", "place_type"),
    [
        ("minimal", "Photos", "park"),
        ("monitored", "Photos", "park"),
        ("reprocess", "Photos", "park"),
        ("place_types", "Places", "museum"),
        ("release", "CarefulPhotos", "park"),
        # What looks for people there is OpenCV.
        ("routes", "SafelightRoutes", "restaurant"),
        ("two_stages", "DevPhotos", "park"),
    ],
)
def test_an_image_is_published_by_the_example(
    project: Path, assembly: Callable[[str], Path], samples: Samples, name: str, stack: str, place_type: str
) -> None:
    up = safelight(project, "up", "--app", str(assembly(name)))
    assert up.returncode == 0, up
    done = safelight(
        project, "run", str(samples.landscape), "--workflow", f"{stack}/Workflow", "--place-type", place_type
    )
    assert "PUBLISHED" in done.stdout, done
