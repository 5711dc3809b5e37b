"""Previews show what was found."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest
from PIL import Image

from safelight_contracts.redaction.boxes import BoxKind
from safelight_contracts.redaction.reviews import PhotoBox, PhotoReview, before_key
from safelight_local.aws.redaction_states import Sent
from safelight_local.aws.redactions import Redaction, RedactionKind
from safelight_local.emulator.process import Emulator
from safelight_local.previews import NoPreviewError, draw_boxes, make_preview


def review(*boxes: PhotoBox, width: int = 400, height: int = 300) -> PhotoReview:
    return PhotoReview(made_from="0" * 32, width=width, height=height, boxes=boxes)


def box(kind: BoxKind, *, left: int) -> PhotoBox:
    return PhotoBox(kind=kind, left=left, top=50, width=80, height=80, confidence=99)


def test_each_kind_has_a_colour_of_its_own(tmp_path: Path) -> None:
    Image.new("RGB", (400, 300), "black").save(tmp_path / "a.png")
    kinds = {BoxKind.FACE: 10, BoxKind.TEXT: 150, BoxKind.PLATE: 300}
    boxes = [box(kind, left=left) for kind, left in kinds.items()]
    draw_boxes(tmp_path / "a.png", review=review(*boxes), target=tmp_path / "out.jpg")
    with Image.open(tmp_path / "out.jpg") as picture:
        colours = {picture.getpixel((left, 90)) for left in kinds.values()}
    assert len(colours) == len(kinds)


@pytest.mark.parametrize("mode", ["L", "LA", "P", "CMYK", "I;16", "1"])
def test_any_mode_is_drawn_on(tmp_path: Path, mode: str) -> None:
    path = tmp_path / ("a.tif" if mode == "CMYK" else "a.png")
    Image.new(mode, (400, 300)).save(path)
    draw_boxes(path, review=review(box(BoxKind.FACE, left=10)), target=tmp_path / "out.jpg")
    assert (tmp_path / "out.jpg").exists()


@pytest.mark.parametrize("data", [b"", b"no picture", b"\x89PNG\r\n\x1a\n" + bytes(40)])
def test_what_pillow_cannot_read_has_no_preview(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "a.png").write_bytes(data)
    with pytest.raises(NoPreviewError):
        draw_boxes(tmp_path / "a.png", review=review(), target=tmp_path / "out.jpg")


@pytest.fixture
def sent(emulator: Emulator) -> Sent:
    """A video whose redaction keeps reviews."""
    bucket = f"reviews-{uuid4().hex}"
    emulator.endpoints.s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    redaction = Redaction(
        kind=RedactionKind.VIDEO,
        name="Videos",
        stack="Test",
        source_bucket="in",
        destination_bucket="out",
        destination_prefix="redacted/",
        reviews_bucket=bucket,
        arn="arn",
    )
    return Sent(redaction=redaction, path=Path("clip.mp4"), key="a.mp4", since=datetime.now(UTC))


def test_the_preview_of_a_video_is_its_contact_sheet(emulator: Emulator, sent: Sent, tmp_path: Path) -> None:
    emulator.endpoints.s3.put_object(
        Bucket=sent.redaction.reviews_bucket, Key=before_key("redacted/a.mp4"), Body=b"sheet"
    )
    written = make_preview(emulator.endpoints, sent=sent, folder=tmp_path)
    assert (written, written.read_bytes()) == (tmp_path / "clip.boxes.jpg", b"sheet")


def test_a_video_without_a_contact_sheet_has_no_preview(emulator: Emulator, sent: Sent, tmp_path: Path) -> None:
    with pytest.raises(NoPreviewError, match="has made none"):
        make_preview(emulator.endpoints, sent=sent, folder=tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_redaction_that_was_deployed_before_it_kept_boxes_has_no_preview(
    emulator: Emulator, sent: Sent, tmp_path: Path
) -> None:
    older = replace(sent, redaction=replace(sent.redaction, reviews_bucket=""))
    with pytest.raises(NoPreviewError, match="run `safelight up` again"):
        make_preview(emulator.endpoints, sent=older, folder=tmp_path)


def test_a_dicom_file_has_no_preview(emulator: Emulator, sent: Sent, tmp_path: Path) -> None:
    scan = replace(sent, redaction=replace(sent.redaction, kind=RedactionKind.DICOM))
    with pytest.raises(NoPreviewError, match="photographs and videos"):
        make_preview(emulator.endpoints, sent=scan, folder=tmp_path)
