"""The console in headless Chromium, before a workflow and a delivery that are deployed for real.

Each test of the files ``*.test.mjs`` is one test here.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.local.command_line import environment, safelight, start
from tests.local.emulator_clients import wait_until
from tests.local.redacted_videos import deploy_video_redaction
from tests.local.small_workflow import DEFINITION, deploy_small_workflow
from tests.local.small_workflow import start as start_execution

from safelight_contracts.redaction.reviews import PhotoReview, boxes_key
from safelight_local.aws.deliveries import deployed_deliveries
from safelight_local.aws.redacting import follow
from safelight_local.aws.redaction_states import Sent
from safelight_local.aws.redactions import Redaction, deployed_redactions
from safelight_local.emulator import state
from safelight_local.emulator.endpoints import Endpoints
from safelight_local.sample_clip import write_clip
from safelight_local.samples import Samples, write_samples

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
TESTS = [HERE / f"{page}.test.mjs" for page in ("console", "delivery", "redactions")]
NAMES = [
    name for file in TESTS for name in re.findall(r'^(?:test|onPage)\(\s*"([^"]+)"', file.read_text(), re.MULTILINE)
]
NAMES += [
    f"{name}, in {scheme}"
    for name in ("nothing is wider than a screen of 390 pixels", "text has a contrast of at least 4.5 to 1")
    for scheme in ("light", "dark")
]
PATIENCE_SECONDS = 240
MANY = "Many.Workflow"
HOSTILE = '<img src=x onerror=alert(1)>"\u202e4pm.exe.mp4'

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
# Where it is installed for the tests, it must not be missed in silence.
if CHROMIUM is None and os.environ.get("SAFELIGHT_BROWSER") != "required":
    pytest.skip("there is no Chromium here: on Debian, 'apt install chromium'", allow_module_level=True)

APP = """
from aws_cdk import App, Stack, aws_s3
from safelight import DEFAULT_ROUTES, Check, ImageDelivery, ImageWorkflow, Preset, RedactionService, Route, Signing
app = App()
sign = Route(checks=[Check.labels(required=["Cup"]), Check.words(required=["New York"])])
ImageWorkflow(Stack(app, "Photos"), "Workflow", routes={**DEFAULT_ROUTES, "sign": sign})
pictures = Stack(app, "Pictures")
ImageDelivery(
    pictures,
    "Cdn",
    source=aws_s3.Bucket(pictures, "Sources"),
    key_prefix="public/",
    presets={"card": Preset(width=320)},
    signing=Signing.OPTIONAL,
)
faces = Stack(app, "Faces")
RedactionService(
    faces, "Redaction", source=aws_s3.Bucket(faces, "Uploads"), destination=aws_s3.Bucket(faces, "Public")
)
app.synth()
"""
# A service that fails for one image, for real as far as the workflow can tell.
DENIED = {"error": {"code": "AccessDeniedException", "message": "Rekognition is not for you"}}
CUP = {
    "Name": "Cup",
    "Confidence": 91.0,
    "Instances": [{"BoundingBox": {"Left": 0.25, "Top": 0.5, "Width": 0.25, "Height": 0.4}, "Confidence": 91.0}],
}
WORDS = {
    "DetectedText": "New York",
    "Type": "LINE",
    "Id": 0,
    "Confidence": 97.0,
    "Geometry": {"BoundingBox": {"Left": 0.6, "Top": 0.1, "Width": 0.3, "Height": 0.05}},
}
SIGN = {
    "DetectLabels": [{"response": {"Labels": [CUP]}}],
    "DetectText": [{"response": {"TextDetections": [WORDS]}}],
}
FIXTURES = {
    "broken": {"key": "*/broken.jpg", "answers": {"DetectModerationLabels": [DENIED]}},
    "sign": {"key": "*/sign.jpg", "answers": SIGN},
}


def start_a_thousand(endpoints: Endpoints) -> None:
    """Half of them published and half rejected, by a workflow that makes nothing."""
    workflow = deploy_small_workflow(endpoints, stack=MANY.partition(".")[0], definition=DEFINITION)

    def begin(number: int) -> None:
        outcome = {"status": "PUBLISHED"} if number % 2 else {"status": "REJECTED", "reason": "IMAGE_TOO_SMALL"}
        start_execution(endpoints, workflow=workflow, key=f"park/photo-{number:04}.jpg", answer=outcome)

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(begin, range(1000)))


def prepare_delivery(project: Path, endpoints: Endpoints, *, samples: Samples) -> None:
    """Put a photograph into the delivery's bucket, and tell the edge the keys."""
    (delivery,) = deployed_deliveries(endpoints)
    bucket = delivery.settings.sources[0].bucket
    endpoints.s3.put_object(Bucket=bucket, Key="public/coffee.jpg", Body=samples.landscape.read_bytes())
    assert safelight(project, "keys", "sync").returncode == 0


def photo_redaction(endpoints: Endpoints) -> Redaction:
    (found,) = (it for it in deployed_redactions(endpoints) if it.stack == "Faces")
    return found


def redact_photo(endpoints: Endpoints, *, path: Path) -> None:
    """Put a file into the source of the deployed redaction, and wait for its outcome."""
    redaction = photo_redaction(endpoints)
    sent = Sent(redaction=redaction, path=path, key=path.name, since=datetime.now(UTC))
    endpoints.s3.upload_file(str(path), redaction.source_bucket, sent.key, ExtraArgs={"ContentType": "image/jpeg"})
    states = follow(endpoints, sent=sent)
    wait_until(lambda: next(states).ending is not None)


def covered_face(endpoints: Endpoints, *, key: str) -> list[int]:
    """Return left, top, width and height of what the redaction covered in a photograph."""
    redaction = photo_redaction(endpoints)
    assert redaction.reviews_bucket is not None
    kept = endpoints.s3.get_object(Bucket=redaction.reviews_bucket, Key=boxes_key(redaction.destination_key(key)))
    (face,) = PhotoReview.from_json(json.load(kept["Body"])).boxes
    return [face.left, face.top, face.width, face.height]


def prepare_videos(endpoints: Endpoints, *, clip: Path) -> None:
    """Start executions of a redaction that covers nothing, one of which waits for its chunks."""
    filmed = deploy_video_redaction(endpoints)
    filmed.run("in/clip.mp4")
    filmed.publish("in/clip.mp4", body=clip.read_bytes())
    filmed.keep_review("in/clip.mp4")
    filmed.run(f"in/{HOSTILE}", outcome={"status": "REJECTED", "reason": "HDR", "detail": {}})
    filmed.start("in/slow.mp4")


@pytest.fixture(scope="module")
def samples(tmp_path_factory: pytest.TempPathFactory) -> Samples:
    return write_samples(tmp_path_factory.mktemp("samples"))


@pytest.fixture(scope="module")
def project(samples: Samples, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A deployed CDK app of a user with a workflow and a delivery, and a second workflow with a thousand executions."""
    folder = tmp_path_factory.mktemp("project")
    (folder / "app.py").write_text(APP)
    (folder / "fixtures.json").write_text(json.dumps(FIXTURES))
    done = safelight(folder, "up", "--app", f"{sys.executable} app.py", "--fixtures", "fixtures.json")
    try:
        assert done.returncode == 0, done
        services = state.load(project=folder)
        assert services is not None
        start_a_thousand(services.endpoints)
        prepare_delivery(folder, services.endpoints, samples=samples)
        for path in (samples.person, samples.landscape, samples.text):
            redact_photo(services.endpoints, path=path)
        prepare_videos(services.endpoints, clip=write_clip(folder / "clip.mp4"))
        yield folder
    finally:
        safelight(folder, "down")


@pytest.fixture(scope="module")
def results(project: Path, samples: Samples) -> dict[str, str]:
    """Run the browser tests once: name -> error, or empty."""
    console = start(project, "console", "--no-browser", env=environment() | {"PYTHONUNBUFFERED": "1"})
    try:
        assert console.stdout is not None
        url = next(line.strip() for line in console.stdout if line.startswith("http"))
        services = state.load(project=project)
        assert services is not None
        given = {
            "url": f"{url}#/Photos.Workflow",
            "chromium": CHROMIUM,
            "face": covered_face(services.endpoints, key="astronaut.jpg"),
            "many": MANY,
            "patience": PATIENCE_SECONDS * 1000,
            "samples": {name: str(path) for name, path in asdict(samples).items()},
            "screenshots": os.environ.get("SAFELIGHT_SCREENSHOTS"),
        }
        command = ["node", "--test", "--test-concurrency=1", "--test-reporter=tap", *map(str, TESTS)]
        env = environment() | {"SAFELIGHT_BROWSER_TESTS": json.dumps(given)}
        done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    finally:
        console.terminate()
        console.communicate(timeout=300)
    found = re.findall(r"^(ok|not ok) \d+ - (.+?)$\n(.*?)(?=^(?:ok|not ok|\d+\.\.)|\Z)", done.stdout, re.M | re.S)
    assert found, done
    return {name.replace("\\", ""): "" if verdict == "ok" else detail for verdict, name, detail in found}


@pytest.mark.parametrize("name", NAMES)
def test_in_the_browser(results: dict[str, str], name: str) -> None:
    if wrong := results.get(name, "it was not run"):
        pytest.fail(wrong, pytrace=False)


@pytest.mark.usefixtures("results")
def test_an_execution_is_written_as_a_self_contained_file(project: Path, tmp_path: Path) -> None:
    listed = json.loads(safelight(project, "executions", "--json").stdout)
    name = next(it["execution"] for it in listed if it["key"] == "console-park/coffee.jpg")
    file = tmp_path / "coffee.html"
    done = safelight(project, "show", name, "--html", str(file))
    assert (done.returncode, str(file) in done.stdout) == (0, True), done
    text = file.read_text()
    assert text.count("data:image/jpeg;base64,") == 3
    assert "Published" in text
    assert len(text) < 2_000_000
