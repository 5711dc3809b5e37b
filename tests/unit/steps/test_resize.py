import json
from collections.abc import Callable
from typing import Any

import pytest
from PIL import ExifTags, Image
from tests.unit.pictures import CORNERS, corners_of, decoded, encoded, four_corners, photograph
from tests.unit.raw_pictures import dng
from tests.unit.recorded import Recorded
from tests.unit.workflow_events import event_for

import image_workflow.render.handler
from awskit.rejection import RejectedImage
from awskit.transient_errors import ServiceBusy
from image_workflow.resize.handler import handler
from safelight_contracts.keys import attempt_of
from safelight_local.emulator.process import Emulator

Upload = Callable[..., dict[str, Any]]
RENDITIONS = [
    {"name": "tile", "width": 40, "height": 40, "fit": "cover", "type": "JPEG", "quality": None},
    {"name": "scaled", "width": 60, "height": None, "fit": "inside", "type": "WEBP", "quality": 70},
]
ALIKE, MORE_ALIKE = ({"ssim": value, "tolerance": 0.0} for value in (0.5, 0.999))


@pytest.fixture
def published(aws: Recorded, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("RENDITIONS", json.dumps(RENDITIONS))
    return aws.bucket


def prefix_of(event: dict[str, Any]) -> str:
    attempt = attempt_of(event["execution"], redrives=event.get("redrives", 0))
    return f"{event['image']['key']}/{attempt}/"


def reason_of(event: dict[str, Any]) -> str:
    with pytest.raises(RejectedImage) as rejection:
        handler(event, None)
    reason: str = json.loads(str(rejection.value))["reason"]
    return reason


def test_renditions_are_written_under_the_key_of_the_upload(
    upload: Upload, published: str, emulated_aws: Emulator
) -> None:
    event = upload(photograph(width=160, height=240, orientation=6))
    answer = handler(event, None)
    assert answer["dimensions"] == {"width": 160, "height": 240, "type": "JPEG"}
    tile, scaled = answer["renditions"]
    assert (tile["name"], tile["key"], tile["type"]) == ("tile", f"{prefix_of(event)}tile.jpg", "JPEG")
    assert (tile["width"], tile["height"]) == (40, 40)
    assert (scaled["name"], scaled["key"], scaled["type"]) == ("scaled", f"{prefix_of(event)}scaled.webp", "WEBP")
    assert (scaled["width"], scaled["height"]) == (60, 90)
    for rendition in (tile, scaled):
        there = emulated_aws.endpoints.s3.get_object(Bucket=published, Key=rendition["key"])
        data = there["Body"].read()
        assert len(data) == rendition["bytes"]
        assert there["ContentType"] == f"image/{rendition['type'].lower()}"
        assert there["CacheControl"] == "public, max-age=300"
        assert decoded(data).size == (rendition["width"], rendition["height"])
        assert corners_of(decoded(data)) == {corner: corner for corner in CORNERS}


@pytest.mark.usefixtures("published")
@pytest.mark.parametrize(
    ("wanted", "made"),
    [
        ({}, ["tile", "scaled"]),
        ({"renditions": ["scaled"]}, ["scaled"]),
        ({"renditions": ["scaled", "tile"]}, ["tile", "scaled"]),
    ],
    ids=["all", "one", "both"],
)
def test_the_renditions_that_a_route_names_are_made(upload: Upload, wanted: dict[str, Any], made: list[str]) -> None:
    answer = image_workflow.render.handler.handler(
        upload(photograph(width=240, height=160)) | {"render": {"redact": None} | wanted}, None
    )
    assert [rendition["name"] for rendition in answer["renditions"]] == made


@pytest.mark.usefixtures("published")
def test_an_upload_is_read_once(upload: Upload, reads: list[str | None]) -> None:
    handler(upload(photograph(width=240, height=160)), None)
    assert reads == [None]


def test_the_prefix_comes_before_the_key_of_the_upload(
    upload: Upload, published: str, emulated_aws: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PUBLISHED_PREFIX", "out/")
    event = upload(photograph(width=240, height=160))
    handler(event, None)
    assert emulated_aws.endpoints.s3.head_object(Bucket=published, Key=f"out/{prefix_of(event)}tile.jpg")


@pytest.mark.parametrize(
    "key", ["p1/a.b.jpg", "p1/q/r.jpg", "p1/a b.jpg", "p1/a+b.jpg", "p1/a%20b.jpg", "p1/写真 é.jpg", "a.jpg"]
)
def test_the_key_of_a_rendition_begins_with_the_whole_key(
    upload: Upload, published: str, emulated_aws: Emulator, key: str
) -> None:
    event = upload(photograph(width=240, height=160), key=key)
    handler(event, None)
    there = emulated_aws.endpoints.s3.list_objects_v2(Bucket=published)["Contents"]
    assert prefix_of(event).startswith(f"{key}/")
    names = ("scaled.webp", "tile.jpg")
    assert sorted(item["Key"] for item in there) == [f"{prefix_of(event)}{name}" for name in names]


@pytest.mark.usefixtures("published")
def test_a_jpeg_and_a_png_of_one_name_do_not_collide(upload: Upload) -> None:
    jpeg = handler(upload(photograph(width=240, height=160), key="p1/a.jpg"), None)
    png = handler(upload(encoded(four_corners(240, 160), "PNG"), key="p1/a.png"), None)
    assert jpeg["renditions"][0]["key"] != png["renditions"][0]["key"]


@pytest.mark.usefixtures("published")
@pytest.mark.parametrize("data", [b"a text file", b"", photograph(width=240, height=160)[:1200]])
def test_a_bad_image_raises_the_error_that_the_workflow_catches(upload: Upload, data: bytes) -> None:
    assert reason_of(upload(data)) == "UNREADABLE_IMAGE"


@pytest.mark.usefixtures("published")
def test_an_image_of_an_unknown_type_is_unsupported(upload: Upload) -> None:
    assert reason_of(upload(b"\x00\x00\x00\x14ftypmif1\x00\x00\x00\x00mif1")) == "UNSUPPORTED_TYPE"


@pytest.mark.usefixtures("published")
def test_an_image_that_is_too_large_is_rejected(upload: Upload, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAX_PIXELS", "1000")
    assert reason_of(upload(photograph(width=240, height=160))) == "IMAGE_TOO_LARGE"
    assert reason_of(event_for(size=104_857_601)) == "IMAGE_TOO_LARGE"


@pytest.mark.usefixtures("published")
def test_an_image_of_too_many_frames_is_rejected(upload: Upload, monkeypatch: pytest.MonkeyPatch) -> None:
    frame = four_corners(240, 160)
    event = upload(encoded(frame, "GIF", save_all=True, append_images=[frame.rotate(90), frame.rotate(180)]))
    handler(event, None)
    monkeypatch.setenv("MAX_FRAMES", "2")
    assert reason_of(event) == "IMAGE_TOO_LARGE"


@pytest.mark.parametrize(("brightness", "linear"), [(1.0, 0.2), (0.5, 0.1)])
def test_camera_raw_is_developed_as_the_workflow_says(
    upload: Upload,
    published: str,
    emulated_aws: Emulator,
    monkeypatch: pytest.MonkeyPatch,
    brightness: float,
    linear: float,
) -> None:
    development = {"method": "full", "whiteBalance": "camera", "brightness": brightness, "highlights": "clip"}
    monkeypatch.setenv("DEVELOPMENT", json.dumps(development))
    # The pictures of these files are stored as light to the power of 2.2, and shown in sRGB.
    grey = Image.new("RGB", (240, 160), (round(255 * 0.2 ** (1 / 2.2)),) * 3)
    white = photograph(width=240, height=160)
    tile, _ = handler(upload(dng(grey, preview=white)), None)["renditions"]
    picture = decoded(emulated_aws.endpoints.s3.get_object(Bucket=published, Key=tile["key"])["Body"].read())
    expected = 255 * (1.055 * linear ** (1 / 2.4) - 0.055)
    assert picture.convert("L").getpixel((20, 20)) == pytest.approx(expected, abs=4)


def test_a_key_that_is_too_long_is_rejected() -> None:
    assert reason_of(event_for("k" * 901)) == "KEY_TOO_LONG"


@pytest.mark.usefixtures("published")
def test_a_set_is_recorded_before_its_first_rendition_is_written(
    upload: Upload, aws: Recorded, make_s3_busy: Callable[[str], None]
) -> None:
    event = upload(photograph(width=240, height=160))
    make_s3_busy("PutObject")
    with pytest.raises(ServiceBusy):
        handler(event, None)
    (attempt,) = aws.open_items()
    assert (attempt["kind"], attempt["prefix"]) == ("ATTEMPT", prefix_of(event))
    assert attempt["executionArn"] == event["execution"]
    assert aws.keys() == []


@pytest.mark.usefixtures("published")
def test_a_rejected_image_leaves_neither_a_set_nor_its_item(upload: Upload, aws: Recorded) -> None:
    reason_of(upload(b"a text file"))
    assert aws.open_items() == []
    assert aws.keys() == []


@pytest.mark.usefixtures("published")
def test_a_redrive_writes_a_set_of_its_own(upload: Upload, aws: Recorded) -> None:
    event = upload(photograph(width=240, height=160))
    handler(event, None)
    handler(event | {"redrives": 1}, None)
    assert len(aws.keys()) == 4
    assert {one["prefix"] for one in aws.open_items()} == {prefix_of(event), prefix_of(event | {"redrives": 1})}


@pytest.mark.usefixtures("published")
def test_renditions_of_one_name_in_several_formats_are_all_written(
    upload: Upload, monkeypatch: pytest.MonkeyPatch
) -> None:
    formats = [RENDITIONS[1] | {"type": image_type} for image_type in ("AVIF", "WEBP", "JPEG")]
    monkeypatch.setenv("RENDITIONS", json.dumps(formats))
    event = upload(photograph(width=240, height=160))
    answer = handler(event, None)
    assert [(one["key"].removeprefix(prefix_of(event)), one["type"]) for one in answer["renditions"]] == [
        ("scaled.avif", "AVIF"),
        ("scaled.webp", "WEBP"),
        ("scaled.jpg", "JPEG"),
    ]


def test_a_rendition_has_its_settings(
    upload: Upload, published: str, emulated_aws: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    common = {"height": 40, "type": "PNG", "quality": None}
    settings = [
        common | {"name": "left", "width": 20, "fit": "cover", "focalPoint": [0, 0.5]},
        common | {"name": "padded", "width": 100, "fit": "contain", "background": "#204060"},
        common | {"name": "large", "width": 480, "height": 320, "fit": "inside", "enlarge": True},
        common | {"name": "alike", "width": 60, "fit": "inside", "type": "WEBP"} | {"target": ALIKE},
        common | {"name": "more-alike", "width": 60, "fit": "inside", "type": "WEBP"} | {"target": MORE_ALIKE},
    ]
    monkeypatch.setenv("RENDITIONS", json.dumps(settings))
    answer = handler(upload(photograph(width=240, height=160)), None)["renditions"]
    left, padded, large, alike, more_alike = (
        decoded(emulated_aws.endpoints.s3.get_object(Bucket=published, Key=one["key"])["Body"].read()) for one in answer
    )
    assert set(corners_of(left).values()) == {"top left", "bottom left"}
    assert padded.getpixel((5, 20)) == (0x20, 0x40, 0x60)
    assert large.size == (480, 320)
    assert alike.size == more_alike.size
    assert answer[3]["bytes"] < answer[4]["bytes"]


def test_a_rendition_keeps_the_copyright_notice_where_the_settings_ask(
    upload: Upload, published: str, emulated_aws: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    bare = {"name": "bare", "width": 60, "height": None, "fit": "inside", "type": "JPEG", "quality": None}
    monkeypatch.setenv("RENDITIONS", json.dumps([bare, bare | {"name": "kept", "keep": ["copyright"]}]))
    exif = Image.Exif()
    exif[ExifTags.Base.Copyright] = "Example"
    answer = handler(upload(encoded(Image.new("RGB", (240, 160)), "JPEG", exif=exif)), None)["renditions"]
    keys = [one["key"] for one in answer]
    bare_file, kept_file = (
        decoded(emulated_aws.endpoints.s3.get_object(Bucket=published, Key=key)["Body"].read()) for key in keys
    )
    assert dict(bare_file.getexif()) == {}
    assert dict(kept_file.getexif()) == {ExifTags.Base.Copyright: "Example"}


@pytest.mark.usefixtures("published")
def test_an_animation_is_kept_where_the_settings_ask(upload: Upload, monkeypatch: pytest.MonkeyPatch) -> None:
    moving = {"name": "a", "width": 60, "height": None, "fit": "inside", "type": "WEBP", "quality": None}
    still = moving | {"name": "b"}
    monkeypatch.setenv("RENDITIONS", json.dumps([moving | {"animated": True}, still]))
    frames = [Image.effect_noise((120, 80), 90).convert("RGB") for _ in range(3)]
    file = encoded(frames[0], "GIF", save_all=True, append_images=frames[1:], duration=100)
    kept, first = handler(upload(file), None)["renditions"]
    assert (kept["width"], kept["height"]) == (60, 40)
    assert kept["bytes"] > 2 * first["bytes"]


@pytest.mark.usefixtures("published")
def test_a_second_run_returns_the_same_answer(upload: Upload) -> None:
    event = upload(photograph(width=240, height=160))
    assert handler(event, None) == handler(event, None)
