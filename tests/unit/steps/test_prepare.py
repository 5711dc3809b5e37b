import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from PIL import ExifTags, Image, ImageChops
from tests.unit import profiles
from tests.unit.pictures import CORNERS, corners_of, decoded, encoded, four_corners, heic, photograph
from tests.unit.raw_pictures import dng
from tests.unit.workflow_events import event_for

from awskit.transient_errors import ServiceBusy
from image_workflow.prepare.handler import handler
from safelight_local.emulator.process import Emulator

Upload = Callable[..., dict[str, Any]]
READ = ["JPEG", "PNG", "WEBP", "GIF", "TIFF", "BMP", "AVIF", "HEIC", "RAW"]
LAMBDAS = Path(__file__).parents[3] / "lambdas"
PREPARED = "p1/a.jpg/" + "0A".rjust(32, "0") + ".jpg"


@pytest.fixture
def analysis(emulated_aws: Emulator, uploads: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """Make an analysis bucket for one test and return its name."""
    name = uploads.replace("uploads", "analysis")
    emulated_aws.endpoints.s3.create_bucket(Bucket=name)
    monkeypatch.setenv("ANALYSIS_BUCKET", name)
    return name


@pytest.fixture(autouse=True)
def _settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MIN_PIXELS", "100")
    monkeypatch.setenv("ALLOWED_TYPES", ",".join(READ))


def written(emulator: Emulator, bucket: str) -> list[str]:
    return [item["Key"] for item in emulator.endpoints.s3.list_objects_v2(Bucket=bucket).get("Contents", [])]


@pytest.mark.parametrize("orientation", [1, 6])
def test_a_photograph_that_rekognition_accepts_is_its_own_analysis_image(
    versioned_upload: Upload, analysis: str, emulated_aws: Emulator, orientation: int
) -> None:
    event = versioned_upload(photograph(width=240, height=160, orientation=orientation))
    image = event["image"]
    assert handler(event, None) == {
        "accepted": True,
        "reason": None,
        "detail": {},
        "dimensions": {"width": 240, "height": 160, "type": "JPEG"},
        "analysis": {"bucket": image["bucket"], "key": "p1/a.jpg", "versionId": image["versionId"]},
        "photoMetadata": None,
    }
    assert written(emulated_aws, analysis) == []


def test_the_analysis_image_is_the_version_of_the_event_and_no_newer_one(
    versioned_upload: Upload, analysis: str, emulated_aws: Emulator
) -> None:
    older = versioned_upload(photograph(width=240, height=160))
    newer = versioned_upload(photograph(width=240, height=170), sequencer="0B")
    versions = [handler(event, None)["analysis"]["versionId"] for event in (older, newer)]
    assert versions == [older["image"]["versionId"], newer["image"]["versionId"]]
    assert written(emulated_aws, analysis) == []


@pytest.mark.parametrize("version", [{}, {"versionId": "null"}], ids=["none", "null"])
def test_a_photograph_without_a_version_is_copied_because_it_could_be_replaced(
    upload: Upload, analysis: str, emulated_aws: Emulator, version: dict[str, str]
) -> None:
    event = upload(photograph(width=240, height=160))
    event["image"] |= version
    assert handler(event, None)["analysis"] == {"bucket": analysis, "key": PREPARED}
    assert written(emulated_aws, analysis) == [PREPARED]


TAKEN_SOMEWHERE = Image.Exif()
TAKEN_SOMEWHERE[ExifTags.Base.Model] = "Box Camera"
TAKEN_SOMEWHERE.get_ifd(ExifTags.IFD.GPSInfo).update(
    {
        ExifTags.GPS.GPSLatitudeRef: "N",
        ExifTags.GPS.GPSLatitude: (52.0, 31.0, 12.0),
        ExifTags.GPS.GPSLongitudeRef: "E",
        ExifTags.GPS.GPSLongitude: (13.0, 24.0, 36.0),
    }
)
FACTS = {"camera": "Box Camera", "position": {"latitude": 52.52, "longitude": 13.41}}


@pytest.mark.usefixtures("analysis")
@pytest.mark.parametrize("image_type", ["JPEG", "WEBP"])
def test_facts_of_an_accepted_photograph_are_answered(versioned_upload: Upload, image_type: str) -> None:
    data = encoded(four_corners(240, 160), image_type, exif=TAKEN_SOMEWHERE)
    assert handler(versioned_upload(data), None)["photoMetadata"] == FACTS


@pytest.mark.usefixtures("analysis")
def test_a_copyright_notice_alone_is_no_fact(versioned_upload: Upload) -> None:
    exif = Image.Exif()
    exif[ExifTags.Base.Copyright] = "Example"
    data = encoded(four_corners(240, 160), "JPEG", exif=exif)
    assert handler(versioned_upload(data), None)["photoMetadata"] is None


@pytest.mark.parametrize("bucket", [{}, {"ANALYSIS_BUCKET": "nowhere"}], ids=["accepted", "failed"])
def test_no_fact_of_a_photograph_is_logged(upload: Upload, analysis: str, bucket: dict[str, str]) -> None:
    # A process of its own, since a logger takes hold of standard output once and for all.
    program = (
        "import json, sys; from image_workflow.prepare.handler import handler; handler(json.load(sys.stdin), None)"
    )
    data = encoded(four_corners(240, 160), "WEBP", exif=TAKEN_SOMEWHERE)
    run = subprocess.run(
        [sys.executable, "-c", program],
        input=json.dumps(upload(data)),
        env={**os.environ, "PYTHONPATH": str(LAMBDAS), "ANALYSIS_BUCKET": analysis, **bucket},
        capture_output=True,
        text=True,
        check=False,
    )
    logged = run.stdout + run.stderr
    assert ("Failed" if bucket else "Accepted") in logged
    assert not any(private in logged for private in ("52.52", "13.41", "Box Camera"))


@pytest.mark.usefixtures("analysis")
def test_no_fact_of_a_rejected_photograph_is_answered(upload: Upload) -> None:
    assert handler(upload(encoded(four_corners(99, 300), "JPEG", exif=TAKEN_SOMEWHERE)), None)["photoMetadata"] is None


def test_an_analysis_image_holds_no_exif_data(upload: Upload, analysis: str, emulated_aws: Emulator) -> None:
    handler(upload(encoded(four_corners(240, 160), "WEBP", exif=TAKEN_SOMEWHERE)), None)
    there = emulated_aws.endpoints.s3.get_object(Bucket=analysis, Key=PREPARED)
    assert len(decoded(there["Body"].read()).getexif()) == 0


@pytest.mark.usefixtures("analysis")
def test_only_the_header_is_read_if_rekognition_accepts_the_photograph(
    versioned_upload: Upload, reads: list[str | None]
) -> None:
    handler(versioned_upload(photograph(width=240, height=160) + bytes(150_000)), None)
    assert reads == ["bytes=0-65535"]


@pytest.mark.parametrize(
    "data",
    [
        encoded(four_corners(240, 160), "WEBP"),
        encoded(four_corners(240, 160), "GIF"),
        encoded(four_corners(240, 160), "TIFF"),
        encoded(four_corners(240, 160), "BMP"),
        encoded(four_corners(240, 160), "AVIF"),
        heic("orientation_6"),
        dng(four_corners(240, 160)),
        encoded(four_corners(240, 160), "PNG"),
        photograph(width=240, height=160, orientation=6, image_type="PNG"),
        photograph(width=240, height=160) + bytes(15_728_640),
    ],
    ids=["WEBP", "GIF", "TIFF", "BMP", "AVIF", "HEIC", "RAW", "PNG", "sideways PNG", "JPEG of too many bytes"],
)
def test_an_upright_jpeg_is_written_for_any_other_upload(
    versioned_upload: Upload, analysis: str, emulated_aws: Emulator, data: bytes
) -> None:
    answer = handler(versioned_upload(data), None)
    assert answer["accepted"]
    assert answer["analysis"] == {"bucket": analysis, "key": PREPARED}
    there = emulated_aws.endpoints.s3.get_object(Bucket=analysis, Key=PREPARED)
    picture = decoded(there["Body"].read())
    assert (picture.format, picture.size, there["ContentType"]) == ("JPEG", (240, 160), "image/jpeg")
    assert corners_of(picture) == {corner: corner for corner in CORNERS}


def test_an_image_longer_than_rekognition_takes_is_scaled_down(
    upload: Upload, analysis: str, emulated_aws: Emulator
) -> None:
    handler(upload(encoded(Image.new("1", (10_001, 4000)), "PNG")), None)
    picture = decoded(emulated_aws.endpoints.s3.get_object(Bucket=analysis, Key=PREPARED)["Body"].read())
    assert max(picture.size) <= 1920


def test_a_photograph_in_srgb_is_its_own_analysis_image(versioned_upload: Upload, analysis: str) -> None:
    answer = handler(versioned_upload(encoded(four_corners(240, 160), "JPEG", icc_profile=profiles.SRGB)), None)
    assert answer["analysis"]["bucket"] != analysis


def test_checks_see_a_negative_with_an_inverting_profile_as_it_is_published(
    versioned_upload: Upload, analysis: str, emulated_aws: Emulator
) -> None:
    negative = ImageChops.invert(four_corners(240, 160))
    answer = handler(versioned_upload(encoded(negative, "JPEG", icc_profile=profiles.inverting())), None)
    assert answer["analysis"] == {"bucket": analysis, "key": PREPARED}
    picture = decoded(emulated_aws.endpoints.s3.get_object(Bucket=analysis, Key=PREPARED)["Body"].read())
    assert corners_of(picture) == {corner: corner for corner in CORNERS}


def test_a_transparent_image_is_shown_in_tiles_that_the_answer_describes(
    upload: Upload, analysis: str, emulated_aws: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PRESENTATION", '{"backgrounds":["#ffffff","#000000"],"animated":false}')
    answer = handler(upload(encoded(Image.new("RGBA", (300, 300)), "PNG")), None)
    assert answer["analysis"] == {"bucket": analysis, "key": PREPARED, "tiles": {"columns": 2, "rows": 1}}
    picture = decoded(emulated_aws.endpoints.s3.get_object(Bucket=analysis, Key=PREPARED)["Body"].read()).convert("L")
    assert [picture.getpixel((x, 300)) for x in (300, 900)] == [255, 0]


def test_a_long_photograph_is_shown_by_a_contact_sheet(
    versioned_upload: Upload, analysis: str, emulated_aws: Emulator
) -> None:
    answer = handler(versioned_upload(photograph(width=800, height=200)), None)
    assert answer["analysis"] == {"bucket": analysis, "key": PREPARED}
    picture = decoded(emulated_aws.endpoints.s3.get_object(Bucket=analysis, Key=PREPARED)["Body"].read())
    assert picture.size == (600, 600)


def test_a_photograph_longer_than_16_to_1_is_rejected(
    versioned_upload: Upload, analysis: str, emulated_aws: Emulator
) -> None:
    assert rejection_of(versioned_upload(photograph(width=1700, height=100))) == "IMAGE_TOO_LARGE"
    assert written(emulated_aws, analysis) == []


def test_a_second_run_writes_the_same_object(upload: Upload, analysis: str, emulated_aws: Emulator) -> None:
    event = upload(encoded(four_corners(240, 160), "WEBP"))
    assert handler(event, None) == handler(event, None)
    assert written(emulated_aws, analysis) == [PREPARED]


def test_uploads_of_one_key_have_analysis_images_of_their_own(
    upload: Upload, analysis: str, emulated_aws: Emulator
) -> None:
    for sequencer in ("0A", "0B"):
        handler(upload(encoded(four_corners(240, 160), "WEBP"), sequencer=sequencer), None)
    assert len(written(emulated_aws, analysis)) == 2


def test_the_upload_is_left_unchanged(upload: Upload, analysis: str, emulated_aws: Emulator) -> None:
    data = encoded(four_corners(240, 160), "WEBP")
    event = upload(data)
    handler(event, None)
    there = emulated_aws.endpoints.s3.get_object(Bucket=event["image"]["bucket"], Key="p1/a.jpg")
    assert there["Body"].read() == data
    assert analysis not in written(emulated_aws, event["image"]["bucket"])


@pytest.mark.parametrize(
    "key", ["p1/a.b.jpg", "p1/q/r.jpg", "p1/a b.jpg", "p1/a+b.jpg", "p1/a%20b.jpg", "p1/写真 é.jpg", "a.jpg"]
)
def test_the_key_of_an_analysis_image_contains_the_whole_upload_key(
    upload: Upload, analysis: str, emulated_aws: Emulator, key: str
) -> None:
    handler(upload(encoded(four_corners(240, 160), "WEBP"), key=key), None)
    assert written(emulated_aws, analysis) == [f"{key}/{'0A'.rjust(32, '0')}.jpg"]


def rejection_of(event: dict[str, Any]) -> str:
    answer = handler(event, None)
    assert (answer["accepted"], answer["analysis"]) == (False, None)
    reason: str = answer["reason"]
    return reason


@pytest.mark.parametrize("data", [b"a text file", b"", encoded(four_corners(240, 160), "WEBP")[:200]])
def test_an_incomplete_image_is_unreadable(upload: Upload, analysis: str, emulated_aws: Emulator, data: bytes) -> None:
    assert rejection_of(upload(data)) == "UNREADABLE_IMAGE"
    assert written(emulated_aws, analysis) == []


def test_a_disallowed_type_is_unsupported_and_not_developed(
    upload: Upload, analysis: str, emulated_aws: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ALLOWED_TYPES", "JPEG,PNG")
    event = upload(encoded(four_corners(240, 160), "WEBP"))
    assert rejection_of(event) == "UNSUPPORTED_TYPE"
    assert handler(event, None)["dimensions"] == {"width": 240, "height": 160, "type": "WEBP"}
    assert written(emulated_aws, analysis) == []


def test_an_image_that_is_too_small_is_rejected(upload: Upload) -> None:
    assert rejection_of(upload(photograph(width=99, height=300))) == "IMAGE_TOO_SMALL"


def test_an_image_that_is_too_large_is_rejected(upload: Upload, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAX_PIXELS", "1000")
    assert rejection_of(upload(photograph(width=240, height=160))) == "IMAGE_TOO_LARGE"
    assert rejection_of(event_for(size=104_857_601)) == "IMAGE_TOO_LARGE"


def test_an_image_of_too_many_frames_is_rejected(
    upload: Upload, analysis: str, emulated_aws: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MAX_FRAMES", "2")
    frame = four_corners(240, 160)
    data = encoded(frame, "GIF", save_all=True, append_images=[frame.rotate(90), frame.rotate(180)])
    assert rejection_of(upload(data)) == "IMAGE_TOO_LARGE"
    assert written(emulated_aws, analysis) == []


def test_the_analysis_image_of_camera_raw_has_the_development_of_the_workflow(
    upload: Upload, analysis: str, emulated_aws: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    event = upload(dng(Image.new("RGB", (240, 160), (128, 128, 128))))

    def shown(brightness: float) -> Any:
        development = {"method": "half", "whiteBalance": "camera", "brightness": brightness, "highlights": "clip"}
        monkeypatch.setenv("DEVELOPMENT", json.dumps(development))
        handler(event, None)
        picture = decoded(emulated_aws.endpoints.s3.get_object(Bucket=analysis, Key=PREPARED)["Body"].read())
        return picture.convert("L").getpixel((20, 20))

    assert shown(0.25) < shown(1.0) - 40


def test_a_key_that_is_too_long_is_rejected() -> None:
    assert rejection_of(event_for("k" * 901)) == "KEY_TOO_LONG"


@pytest.mark.usefixtures("analysis")
def test_an_upload_that_was_replaced_meanwhile_is_superseded(upload: Upload) -> None:
    older = upload(encoded(four_corners(240, 160), "WEBP"))
    upload(encoded(four_corners(240, 170), "WEBP"))
    assert rejection_of(older) == "SUPERSEDED"


def test_an_analysis_bucket_that_does_not_exist_is_an_error(upload: Upload, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANALYSIS_BUCKET", "nowhere")
    with pytest.raises(ClientError, match="NoSuchBucket"):
        handler(upload(encoded(four_corners(240, 160), "WEBP")), None)


@pytest.mark.usefixtures("analysis")
def test_writing_an_analysis_image_is_retried(upload: Upload, make_s3_busy: Callable[[str], None]) -> None:
    make_s3_busy("PutObject")
    with pytest.raises(ServiceBusy):
        handler(upload(encoded(four_corners(width=240, height=160), "PNG")), None)
