"""Every example is an app that synthesises, is deployed, and does with an image what it is an example of."""

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import cache, partial
from pathlib import Path

import pytest
from PIL import Image
from tests.local.command_line import safelight
from tests.local.documented import commands, run_commands
from tests.local.emulator_clients import wait_until

from safelight_local.emulator import state
from safelight_local.samples import Samples, write_samples

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples"
NAMES = sorted(app.parent.name for app in EXAMPLES.glob("*/app.py"))
OWN_BUCKET = "holiday-photos"
TUTORIAL = commands(ROOT / "docs" / "tutorial" / "deliver-images.md")
WEBSITE_GUIDE = ROOT / "docs" / "how-to" / "resize-on-an-s3-website.md"
REDACTION = commands(ROOT / "docs" / "tutorial" / "redact-photographs.md")
DELIVERY_STARTED, *DELIVERY_STEPS = (TUTORIAL[it] for it in TUTORIAL if re.match("[1-6]", it))


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
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder with the examples and the samples, as a copy of the repository has them. Its emulator is stopped."""
    made = tmp_path_factory.mktemp("project")
    (made / "examples").symlink_to(EXAMPLES)
    (made / "samples").mkdir()
    yield made
    safelight(made, "down")


@pytest.fixture(scope="module")
def printed(folder: Path) -> str:
    """What the tutorial's first command prints: ``safelight up`` of an app that has only a delivery."""
    up, _variables = DELIVERY_STARTED
    done = run_commands([up], folder=folder)
    assert done.returncode == 0, done
    return done.stdout


@pytest.fixture(scope="module")
def project(folder: Path, printed: str, assembly: Callable[[str], Path]) -> Path:
    """A folder whose emulator has a delivery, the workflow with its own check, and one on a bucket of before."""
    assert "Pictures/Cdn" in printed
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
    return folder


@pytest.fixture(scope="module")
def samples(folder: Path) -> Samples:
    return write_samples(folder / "samples")


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


@pytest.mark.usefixtures("project")
def test_an_app_that_has_only_a_delivery_is_deployed(printed: str) -> None:
    *facts, following = printed.splitlines()[-5:]
    assert [re.split(" {2,}", line)[0] for line in facts] == ["delivery", "source buckets", "url", "on this machine"]
    assert following.startswith("Next: safelight keys sync | safelight sign URL | safelight html KEY | ")


@pytest.mark.usefixtures("samples")
def test_the_commands_of_the_tutorial_about_deliveries_do_what_it_says(project: Path, printed: str) -> None:
    facts = dict(re.split(" {2,}", line, maxsplit=1) for line in printed.splitlines() if "  " in line)
    shell = partial(
        run_commands, folder=project, variables={"BUCKET": facts["source buckets"], "URL": facts["on this machine"]}
    )
    (upload,), (first_card, *others), signing, pages, (replace, card_again) = DELIVERY_STEPS

    def run(*blocks: str) -> str:
        done = shell(blocks)
        assert done.returncode == 0, done
        return done.stdout

    def size_of(name: str) -> tuple[int, int]:
        with Image.open(project / name) as opened:
            return opened.size

    run(upload)
    # The first start of the function can take longer than a request may.
    wait_until(lambda: shell([first_card]).returncode == 0)
    run(*others)
    assert '"error": "NOT_PERMITTED"' in run(*signing)
    for name, size_there in {
        "card.jpg": (320, 213),
        "thumbor.jpg": (640, 427),
        "same-card.jpg": (320, 213),
        "signed.jpg": (500, 333),
        "grey.jpg": (640, 427),
    }.items():
        assert size_of(name) == size_there, name
    assert "<img" in run(*pages)
    assert f'src="{facts["on this machine"]}/coffee.jpg?width=1280"' in (project / "page.html").read_text()
    run(upload.partition("\n")[0], replace)
    wait_until(lambda: shell([card_again]).returncode == 0 and size_of("card.jpg") == (320, 320))


@pytest.mark.usefixtures("samples")
def test_the_commands_of_the_guide_to_websites_do_what_it_says(project: Path, assembly: Callable[[str], Path]) -> None:
    up = safelight(project, "up", "--app", str(assembly("website")))
    assert up.returncode == 0, up
    facts = dict(re.split(" {2,}", line, maxsplit=1) for line in up.stdout.splitlines() if "  " in line)
    _up, _variables, fetch = commands(WEBSITE_GUIDE)["Try it on your laptop"]
    shell = partial(
        run_commands, [fetch], folder=project, variables={"BUCKET": facts["source bucket"], "URL": facts["url"]}
    )
    # The first start of the function can take longer than a request may.
    wait_until(lambda: shell().returncode == 0)
    with Image.open(project / "small.jpg") as opened:
        assert opened.size == (320, 200)


@pytest.mark.usefixtures("samples")
def test_the_commands_of_the_tutorial_about_redaction_do_what_it_says(
    project: Path, assembly: Callable[[str], Path]
) -> None:
    up = safelight(project, "up", "--app", str(assembly("redaction")))
    assert up.returncode == 0, up
    assert "Redacted/Photos" in up.stdout
    redacted = run_commands(REDACTION["2. Redact a photograph"], folder=project)
    assert redacted.returncode == 0, redacted
    assert re.search(r"samples/astronaut\.jpg +REDACTED +1 face ", redacted.stdout)
    assert re.search(r"samples/coffee\.jpg +REDACTED +nothing found ", redacted.stdout)
    with Image.open(project / "redacted" / "astronaut.redacted.jpg") as opened:
        assert opened.size == (1024, 1024)
    rejected = run_commands(REDACTION["3. Send a file that cannot be redacted"], folder=project)
    assert rejected.returncode == 1
    assert re.search(r"samples/notes\.jpg +REJECTED +UNREADABLE_IMAGE", rejected.stdout)
