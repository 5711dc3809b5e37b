import io
from contextlib import nullcontext
from types import SimpleNamespace

import pytest
from PIL import Image
from tests.local.deliveries import FIRST_KEY, RECORDS, Stage, deploy_delivery, publish

from safelight_contracts.delivery.settings import Signing, Source
from safelight_local.cli import _deliveries, main
from safelight_local.emulator.process import Emulator

AWS = "https://d1abc.cloudfront.net"
CDN = ("--delivery", "Site/Cdn")
OF_UPLOADS = ("--delivery", "Uploads/Cdn")


@pytest.fixture(scope="module")
def deployed(emulator: Emulator) -> Stage:
    stage = deploy_delivery(emulator.endpoints)
    file = io.BytesIO()
    Image.new("RGB", (1200, 800)).save(file, "JPEG")
    emulator.endpoints.s3.create_bucket(Bucket="photos")
    for key, body in {"park/a b.jpg": file.getvalue(), "text.txt": b"text"}.items():
        emulator.endpoints.s3.put_object(Bucket="photos", Key=key, Body=body)
    # Of a workflow that has published a rendition of one upload.
    deploy_delivery(emulator.endpoints, stack="Uploads", sources=(Source(bucket="photos"),), records=RECORDS)
    publish(emulator.endpoints, key="lake/upload.heic", rendition="park/a b.jpg")
    deploy_delivery(emulator.endpoints, stack="Local", url=AWS)
    deploy_delivery(emulator.endpoints, stack="Presets", sizes=(), signing=Signing.OFF)
    return stage


@pytest.fixture(autouse=True)
def _running(deployed: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_deliveries, "running", lambda _: nullcontext(SimpleNamespace(endpoints=deployed.endpoints)))


def test_the_permitted_widths_are_in_the_srcset(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["html", *CDN, "park/a b.jpg"]) == 0
    written = capsys.readouterr().out
    assert 'src="https://images.example.com/park/a%20b.jpg?width=640"' in written
    assert 'width="640"\n  height="427"' in written


def test_other_widths_are_signed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["html", *CDN, "park/a b.jpg", "--widths", "640,320,1280", "--sizes", "50vw"]) == 0
    written = capsys.readouterr().out
    assert written.count("signature=") == 3
    assert " 320w, https://images.example.com/park/a%20b.jpg?width=640 640w, " in written
    assert ' 1200w"\n  sizes="50vw"' in written


def test_signed_urls_are_told_and_whether_the_edge_knows_their_key(
    deployed: Stage, capsys: pytest.CaptureFixture[str]
) -> None:
    signed = ["html", *CDN, "park/a b.jpg", "--widths", "500"]
    assert main(signed) == 0
    without_expiry = "warning: URLs are signed without an expiry: they are valid until the key 1 is removed"
    assert capsys.readouterr().err.splitlines() == [
        without_expiry,
        "warning: the edge does not know the key 1 yet: run `safelight keys sync`",
    ]
    version = deployed.endpoints.key_values.describe_key_value_store(KvsARN=deployed.store)["ETag"]
    deployed.endpoints.key_values.put_key(KvsARN=deployed.store, IfMatch=version, Key="1", Value=FIRST_KEY)
    assert main(signed) == 0
    assert capsys.readouterr().err.splitlines() == [without_expiry]


def test_without_permitted_widths_presets_are_the_default(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["html", "--delivery", "Presets/Cdn", "park/a b.jpg"]) == 0
    shown = capsys.readouterr()
    assert ('src="https://images.example.com/park/a%20b.jpg?preset=card"' in shown.out, shown.err) == (True, "")


def test_a_pinned_image_names_the_version_of_its_object(deployed: Stage, capsys: pytest.CaptureFixture[str]) -> None:
    etag = deployed.endpoints.s3.head_object(Bucket="photos", Key="park/a b.jpg")["ETag"].strip('"')[:8]
    assert main(["html", *CDN, "park/a b.jpg", "--preset", "card", "--pin", "--amp"]) == 0
    assert (
        f'<amp-img\n  src="https://images.example.com/park/a%20b.jpg?preset=card&amp;v={etag}"'
        in capsys.readouterr().out
    )


def test_a_picture_takes_presets_by_media_query(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["html", *CDN, "park/a b.jpg", "--picture", "--preset", "card=(width < 9em)", "--preset", "card"]) == 0
    assert 'media="(width &lt; 9em)"\n    srcset="https://images' in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["none.jpg"], "there is no object none.jpg in the bucket photos"),
        (["/none.jpg"], "no object /none.jpg in the bucket photos: most keys do not begin with a slash"),
        (["none.jpg", "--bucket", "nope"], "Cdn has no source nope: it has photos, scans"),
        (["text.txt"], "the size of text.txt cannot be read: give it with --size"),
        (["park/a b.jpg", "--preset", "none"], "there is no preset 'none': the delivery has card"),
        (["park/a b.jpg", "--widths", "320,0"], "'320,0' is not a list of 1 to 8192 pixels"),
        (["park/a b.jpg", "--size", "320"], "'320' is not a size such as 4032x3024"),
        (["park/a b.jpg", "--preset", "card", "--widths", "640"], "--preset and --widths exclude one another"),
        (["park/a b.jpg", "--picture"], "--picture needs two presets or more"),
        (["park/a b.jpg", "--picture", "--preset", "card", "--preset", "card"], "--preset card needs a media query"),
    ],
)
def test_a_wrong_argument_is_reported(arguments: list[str], says: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["html", *CDN, *arguments]) == 2
    assert says in capsys.readouterr().err


def test_a_size_can_be_given_for_what_this_machine_cannot_read(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["html", *CDN, "text.txt", "--size", "4032x3024"]) == 0
    assert 'width="640"\n  height="480"' in capsys.readouterr().out


def test_an_upload_has_the_size_and_the_version_of_what_its_workflow_has_published(
    deployed: Stage, capsys: pytest.CaptureFixture[str]
) -> None:
    etag = deployed.endpoints.s3.head_object(Bucket="photos", Key="park/a b.jpg")["ETag"].strip('"')[:8]
    assert main(["html", *OF_UPLOADS, "lake/upload.heic", "--pin"]) == 0
    written = capsys.readouterr().out
    assert f'src="https://images.example.com/lake/upload.heic?v={etag}&amp;width=640"' in written
    assert 'width="640"\n  height="427"' in written


def test_an_upload_of_which_nothing_is_published_is_reported(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["html", *OF_UPLOADS, "lake/rejected.jpg"]) == 2
    assert "lake/rejected.jpg is not published: the workflow has no rendition large" in capsys.readouterr().err


def test_nothing_is_read_of_an_image_whose_size_is_given(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["html", *OF_UPLOADS, "lake/later.jpg", "--size", "4032x3024"]) == 0
    assert 'width="640"\n  height="480"' in capsys.readouterr().out


def test_urls_that_only_aws_will_answer_are_told(deployed: Stage, capsys: pytest.CaptureFixture[str]) -> None:
    local = deployed.endpoints.viewer_url(AWS)
    assert main(["html", "--delivery", "Local/Cdn", "park/a b.jpg"]) == 0
    shown = capsys.readouterr()
    assert f'src="{AWS}/park' in shown.out
    assert shown.err == f"warning: {AWS} does not answer before you deploy to AWS: on this machine, it is {local}\n"


def test_urls_of_this_machine_can_be_written(deployed: Stage, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["html", "--delivery", "Local/Cdn", "park/a b.jpg", "--local"]) == 0
    shown = capsys.readouterr()
    assert f'src="{deployed.endpoints.viewer_url(AWS)}/park/a%20b.jpg?width=640"' in shown.out
    assert shown.err == ""


def test_a_delivery_with_another_domain_has_no_address_on_this_machine(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["html", *CDN, "park/a b.jpg", "--local"]) == 2
    assert "Cdn has no address on this machine: leave out --local" in capsys.readouterr().err
