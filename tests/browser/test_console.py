"""The console in headless Chromium, before a workflow and a delivery that are deployed for real.

Each test of the files ``*.test.mjs`` is one test here.
"""

import io
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path

import pytest
from PIL import Image
from tests.local.command_line import environment, safelight, start
from tests.local.redacted_videos import deploy_video_redaction
from tests.local.redactions import deploy_redaction
from tests.local.small_workflow import DEFINITION, deploy_small_workflow
from tests.local.small_workflow import start as start_execution

from safelight_contracts.redaction.boxes import BoxKind
from safelight_contracts.redaction.redact import Redact
from safelight_contracts.redaction.reviews import PhotoBox, PhotoReview, boxes_key
from safelight_contracts.redaction.service import ServiceSettings, settings_to_environment
from safelight_local.aws.deliveries import deployed_deliveries
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
from safelight import DEFAULT_ROUTES, Check, ImageDelivery, ImageWorkflow, Preset, Route, Signing
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


def prepare_photos(endpoints: Endpoints, *, samples: Samples) -> None:
    """Put photographs into a redaction that does nothing, and what it would have made of them."""
    reviews = "faces-reviews"
    endpoints.s3.create_bucket(Bucket=reviews)
    settings = ServiceSettings(
        name="Faces",
        source_bucket="faces-source",
        source_prefix="",
        destination_bucket="faces-destination",
        destination_prefix="",
        reviews_bucket=reviews,
        redact=Redact(),
        calls_per_second=1.0,
        attempts=3,
        event_bus="bus",
    )
    stage = deploy_redaction(
        endpoints,
        stack="Faces",
        outputs={"PhotoReviewsBucketName": reviews},
        environment=settings_to_environment(settings),
    )
    source = stage.redaction.source_bucket
    endpoints.s3.upload_file(str(samples.person), source, "astronaut.jpg", ExtraArgs={"ContentType": "image/jpeg"})
    face = PhotoBox(kind=BoxKind.FACE, left=312, top=100, width=276, height=276, confidence=91.0)
    with Image.open(samples.person) as image:
        image.paste((126, 115, 98), (face.left, face.top, face.left + face.width, face.top + face.height))
        covered = io.BytesIO()
        image.save(covered, "JPEG", quality=90)
    stage.redact("astronaut.jpg", body=covered.getvalue(), FACE=1)
    review = PhotoReview(made_from="0" * 32, width=image.width, height=image.height, boxes=[face])
    endpoints.s3.put_object(Bucket=reviews, Key=boxes_key("astronaut.jpg"), Body=json.dumps(review.as_json()))
    endpoints.s3.upload_file(str(samples.text), source, "notes.jpg")
    stage.log("notes.jpg", outcome="REJECTED", reason="UNREADABLE_IMAGE")
    endpoints.s3.upload_file(str(samples.landscape), source, "coffee.jpg")
    stage.redact("coffee.jpg", body=samples.landscape.read_bytes())


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
        prepare_photos(services.endpoints, samples=samples)
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
        given = {
            "url": f"{url}#/Photos.Workflow",
            "chromium": CHROMIUM,
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
        console.communicate(timeout=30)
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
