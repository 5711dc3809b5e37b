from contextlib import nullcontext
from pathlib import Path
from types import SimpleNamespace

import pytest
from PIL import Image
from tests.local.deliveries import RECORDS, Stage, deploy_delivery

from safelight_local.cli import _deliveries, main
from safelight_local.emulator.process import Emulator

AWS = "https://d1abc.cloudfront.net"
CDN = ("--delivery", "Site/Cdn")
PAGE = '<h1>Swings</h1>\n<img src="a.jpg">\n<img src="none.jpg">\n'


@pytest.fixture(scope="module")
def deployed(emulator: Emulator) -> Stage:
    emulator.endpoints.s3.create_bucket(Bucket="photos")
    deploy_delivery(emulator.endpoints, stack="Uploads", records=RECORDS)
    deploy_delivery(emulator.endpoints, stack="Local", url=AWS)
    return deploy_delivery(emulator.endpoints)


@pytest.fixture
def page(deployed: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A page that shows an image, in the current folder."""
    monkeypatch.setattr(_deliveries, "running", lambda _: nullcontext(SimpleNamespace(endpoints=deployed.endpoints)))
    monkeypatch.chdir(tmp_path)
    Image.new("RGB", (1000, 500)).save("a.jpg")
    file = Path("index.html")
    file.write_text(PAGE)
    return file


def keys(stage: Stage) -> list[str]:
    return [it["Key"] for it in stage.endpoints.s3.list_objects_v2(Bucket="photos").get("Contents", [])]


def test_by_default_a_diff_is_shown_and_nothing_changes(
    page: Path, deployed: Stage, capsys: pytest.CaptureFixture[str]
) -> None:
    before = keys(deployed)
    assert main(["html-files", *CDN, "index.html", "--prefix", "dry/"]) == 0
    written = capsys.readouterr().out
    assert written.startswith(
        '--- index.html\n+++ index.html\n@@ -1,3 +1,3 @@\n <h1>Swings</h1>\n-<img src="a.jpg">\n+<img src="https'
    )
    assert "index.html: left alone: none.jpg (missing)\n" in written
    assert "index.html: a.jpg was 1000 pixels wide, and is 640: check the page\n" in written
    assert "to upload: a.jpg as dry/a-" in written
    assert written.endswith("Images to upload: 1. Files to change: 1. Nothing was changed: use --write.\n")
    assert page.read_text() == PAGE
    assert keys(deployed) == before


def test_images_are_uploaded_and_the_page_asks_for_them(
    page: Path, deployed: Stage, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["html-files", *CDN, "index.html", "--prefix", "web/", "--write"]) == 0
    assert capsys.readouterr().out.endswith("Images uploaded: 1. Files changed: 1.\n")
    (key,) = [it for it in keys(deployed) if it.startswith("web/")]
    stored = deployed.endpoints.s3.get_object(Bucket="photos", Key=key)
    assert (stored["ContentType"], stored["Body"].read()) == ("image/jpeg", Path("a.jpg").read_bytes())
    version = stored["ETag"].strip('"')[:8]
    assert f'<img src="https://images.example.com/{key}?v={version}&amp;width=640">' in page.read_text()
    assert main(["html-files", *CDN, "index.html", "--prefix", "web/", "--write"]) == 0
    assert capsys.readouterr().out == (
        "index.html: left alone: none.jpg (missing)\nImages uploaded: 0. Files changed: 0.\n"
    )


def test_a_prefix_without_a_slash_is_told(page: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["html-files", *CDN, str(page), "--prefix", "web"]) == 0
    assert capsys.readouterr().err.splitlines()[0] == (
        "warning: the keys begin with web and the names of the files: for a folder, use --prefix web/"
    )


def test_images_that_are_no_files_of_the_site_are_not_listed(page: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page.write_text('<img src="https://other.example/a.jpg"><img src="//other.example/b.jpg"><img src="data:,">')
    assert main(["html-files", *CDN, "index.html", "--write"]) == 0
    assert capsys.readouterr().out == "Images uploaded: 0. Files changed: 0.\n"


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["none.html"], "cannot read none.html (No such file"),
        (["index.html", "--bucket", "others"], "Cdn has no source others: it has photos, scans"),
        (["a.jpg"], "a.jpg is a picture: name the HTML files that show it"),
        (["index.html", "--preset", "card", "--widths", "640"], "--preset and --widths exclude one another"),
        (["index.html", "--root", "elsewhere"], "is outside of"),
    ],
)
def test_an_error_is_reported_before_anything_changes(
    arguments: list[str], says: str, page: Path, deployed: Stage, capsys: pytest.CaptureFixture[str]
) -> None:
    before = keys(deployed)
    assert main(["html-files", *CDN, *arguments, "--write"]) == 2
    assert says in capsys.readouterr().err
    assert page.read_text() == PAGE
    assert keys(deployed) == before


@pytest.mark.parametrize("options", [["--write"], []])
def test_nothing_is_put_among_what_a_workflow_has_published(
    options: list[str], page: Path, deployed: Stage, capsys: pytest.CaptureFixture[str]
) -> None:
    before = keys(deployed)
    assert main(["html-files", "index.html", "--delivery", "Uploads/Cdn", *options]) == 2
    shown = capsys.readouterr()
    assert (
        "Cdn shows what a workflow has published in the bucket photos: upload the images to the workflow" in shown.err
    )
    assert (shown.out, page.read_text(), keys(deployed)) == ("", PAGE, before)


@pytest.mark.parametrize("options", [[], ["--local"]])
def test_pages_get_the_addresses_of_aws_or_of_this_machine(
    options: list[str], page: Path, deployed: Stage, capsys: pytest.CaptureFixture[str]
) -> None:
    is_local = "--local" in options
    local = deployed.endpoints.viewer_url(AWS)
    assert main(["html-files", str(page), "--delivery", "Local/Cdn", *options]) == 0
    shown = capsys.readouterr()
    assert f'+<img src="{local if is_local else AWS}/a-' in shown.out
    assert (f"on this machine, it is {local}" in shown.err) != is_local
