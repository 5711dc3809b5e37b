"""``safelight redact``, with a redaction that acts whenever the command waits."""

from collections.abc import Callable
from contextlib import nullcontext
from itertools import count
from pathlib import Path
from types import SimpleNamespace

import pytest
from PIL import Image
from tests.local.redactions import Stage, deploy_redaction

from safelight_contracts.redaction.boxes import BoxKind
from safelight_contracts.redaction.reviews import PhotoBox
from safelight_local import redacted_files
from safelight_local.cli import main, redact
from safelight_local.emulator.process import Emulator

_NUMBERS = count()

FACE = PhotoBox(kind=BoxKind.FACE, left=10, top=20, width=20, height=20, confidence=99)

Acting = Callable[[Stage, str], None]
"""What the redaction does about a key."""


@pytest.fixture(scope="module")
def stage(emulator: Emulator) -> Stage:
    return deploy_redaction(emulator.endpoints, stack="CommandRedacts")


@pytest.fixture
def run(
    stage: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., str]:
    """Run the command on a photograph or other files in the folder, and return its output."""
    monkeypatch.chdir(tmp_path)
    services = SimpleNamespace(endpoints=stage.endpoints)
    monkeypatch.setattr(redact, "running", lambda _: nullcontext(services))
    monkeypatch.setattr(redact, "require_running", lambda _: None)
    monkeypatch.setattr(redact, "deployed_redactions", lambda _: [stage.redaction])

    def run_command(*arguments: str, acting: Acting, code: int = 0) -> str:
        acted: set[str] = set()

        def act(_seconds: float) -> None:
            for key in [key for key in stage.sent if key not in acted]:
                acted.add(key)
                acting(stage, key)

        monkeypatch.setattr(redact, "time", SimpleNamespace(monotonic=lambda: 0))
        monkeypatch.setattr(redacted_files, "time", SimpleNamespace(sleep=act, monotonic=count().__next__))
        for name in (it for it in arguments if "." in it and not Path(it).exists()):
            Path(name).write_bytes(b"unredacted")
        assert main(["redact", *arguments]) == code
        written = capsys.readouterr()
        if "--keep" not in arguments:
            assert stage.sent == stage.results == stage.reviews == []
        return written.out + written.err

    return run_command


def cover(stage: Stage, key: str) -> None:
    stage.redact(key, FACE=2, PLATE=1)


def test_the_result_is_written_beside_the_file(run: Callable[..., str], tmp_path: Path) -> None:
    said = run("photo.jpg", acting=cover)
    assert (tmp_path / "photo.redacted.jpg").read_bytes() == b"redacted"
    row = next(line for line in said.splitlines() if line.startswith("photo.jpg"))
    assert row.split()[:2] == ["photo.jpg", "REDACTED"]
    assert "2 faces, 1 plate" in row
    assert "removed from the buckets" in said


def test_the_key_of_an_upload_does_not_tell_the_name_of_the_file(run: Callable[..., str]) -> None:
    keys: list[str] = []

    def noted(stage: Stage, key: str) -> None:
        keys.append(key)
        cover(stage, key)

    run("Anna Smith.JPG", "b.jpg", acting=noted)
    assert len(set(keys)) == 2
    assert all(key.endswith(".jpg") and "nna" not in key for key in keys)


def test_results_are_written_into_a_folder(run: Callable[..., str], tmp_path: Path) -> None:
    run("a.jpg", "b.jpg", "--output", "made/here", acting=cover)
    assert sorted(it.name for it in (tmp_path / "made" / "here").iterdir()) == ["a.redacted.jpg", "b.redacted.jpg"]


def test_a_result_of_another_type_has_the_end_of_its_own_type(run: Callable[..., str], tmp_path: Path) -> None:
    run("a.gif", acting=lambda stage, key: stage.redact(key, content_type="image/png"))
    assert (tmp_path / "a.gif.redacted.png").exists()


def test_a_picture_in_which_nothing_was_found_says_so(run: Callable[..., str]) -> None:
    assert "nothing found" in run("a.jpg", acting=lambda stage, key: stage.redact(key))


def test_a_rejected_file_has_its_reason_and_no_result(run: Callable[..., str], tmp_path: Path) -> None:
    said = run(
        "a.jpg",
        acting=lambda stage, key: stage.log(key, message="Kept", outcome="REJECTED", reason="UNREADABLE_IMAGE"),
        code=1,
    )
    assert "REJECTED" in said
    assert "UNREADABLE_IMAGE" in said
    assert [it.name for it in tmp_path.iterdir()] == ["a.jpg"]


def test_a_file_whose_attempts_are_used_up_has_failed_for_the_last_cause(run: Callable[..., str]) -> None:
    def fail(stage: Stage, key: str) -> None:
        stage.log(key, message="Failed", attempt=1, exception_name="ServiceBusy")
        stage.log(key, message="Failed", attempt=2, exception_name="UploadFailedError")

    said = run("a.jpg", acting=fail, code=1)
    assert "FAILED" in said
    assert "ServiceBusy" in said
    assert ".safelight/*.log" in said


def test_a_file_without_an_outcome_in_time_is_not_redacted(run: Callable[..., str]) -> None:
    said = run("a.jpg", "--timeout", "1", acting=lambda *_: None, code=1)
    assert "NO OUTCOME" in said


def test_one_file_that_is_not_redacted_does_not_keep_the_others_from_it(
    run: Callable[..., str], tmp_path: Path
) -> None:
    def first_only(stage: Stage, key: str) -> None:
        if key.endswith(".png"):
            stage.redact(key, content_type="image/png")
        else:
            stage.log(key, outcome="REJECTED", reason="ANIMATED")

    run("a.png", "b.gif", acting=first_only, code=1)
    assert sorted(it.name for it in tmp_path.iterdir()) == ["a.png", "a.redacted.png", "b.gif"]


def test_what_was_uploaded_and_its_result_are_kept_on_request(run: Callable[..., str], stage: Stage) -> None:
    said = run("a.jpg", "--keep", acting=cover)
    assert "still in the buckets" in said
    (kept,) = stage.sent
    assert stage.results == [kept]
    for bucket in (stage.redaction.source_bucket, stage.redaction.destination_bucket):
        stage.endpoints.s3.delete_object(Bucket=bucket, Key=kept)


def test_what_was_uploaded_is_removed_after_ctrl_c(run: Callable[..., str]) -> None:
    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    run("a.jpg", acting=stop, code=130)


def test_all_versions_of_what_was_uploaded_are_removed(run: Callable[..., str], stage: Stage) -> None:
    source = stage.redaction.source_bucket
    stage.endpoints.s3.put_bucket_versioning(Bucket=source, VersioningConfiguration={"Status": "Enabled"})
    run("a.jpg", acting=cover)
    listed = stage.endpoints.s3.list_object_versions(Bucket=source)
    assert not listed.get("Versions")
    assert not listed.get("DeleteMarkers")


def photograph(path: Path) -> None:
    """A grey picture of 60 x 40 pixels, which a viewer turns by a quarter."""
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.new("RGB", (60, 40), "grey").save(path, exif=exif, quality=95)


def cover_a_face(stage: Stage, key: str) -> None:
    stage.keep_boxes(key, FACE, width=40, height=60)
    cover(stage, key)


def test_a_preview_shows_the_upright_photograph_with_boxes(run: Callable[..., str], tmp_path: Path) -> None:
    photograph(tmp_path / "photo.jpg")
    said = run("photo.jpg", "--preview", acting=cover_a_face)
    assert "photo.boxes.jpg" in said
    with Image.open(tmp_path / "photo.boxes.jpg") as picture:
        assert picture.size == (40, 60)
        line, inside, outside = (picture.getpixel(at) for at in ((11, 21), (20, 30), (2, 2)))
    assert line == pytest.approx((255, 220, 0), abs=10)
    assert inside == pytest.approx((128, 128, 128), abs=10)
    assert outside == pytest.approx((128, 128, 128), abs=10)


def test_without_the_option_there_is_no_preview(run: Callable[..., str], tmp_path: Path) -> None:
    photograph(tmp_path / "photo.jpg")
    run("photo.jpg", acting=cover_a_face)
    assert not (tmp_path / "photo.boxes.jpg").exists()


def test_a_photograph_that_cannot_be_shown_is_redacted_without_a_preview(
    run: Callable[..., str], tmp_path: Path
) -> None:
    said = run("photo.heic", "--preview", acting=cover_a_face)
    assert "no preview of photo.heic: this machine cannot show files of its type" in said
    assert (tmp_path / "photo.heic.redacted.jpg").exists()


def test_a_photograph_that_is_shown_in_another_size_here_has_no_preview(
    run: Callable[..., str], tmp_path: Path
) -> None:
    photograph(tmp_path / "photo.jpg")

    def larger(stage: Stage, key: str) -> None:
        stage.keep_boxes(key, FACE, width=400, height=600)
        cover(stage, key)

    assert "no preview of photo.jpg" in run("photo.jpg", "--preview", acting=larger)
    assert not (tmp_path / "photo.boxes.jpg").exists()


def test_a_rejected_file_has_no_preview(run: Callable[..., str], tmp_path: Path) -> None:
    photograph(tmp_path / "photo.jpg")

    def reject(stage: Stage, key: str) -> None:
        stage.log(key, outcome="REJECTED", reason="ANIMATED")

    run("photo.jpg", "--preview", acting=reject, code=1)
    assert not (tmp_path / "photo.boxes.jpg").exists()


def test_two_files_with_one_preview_are_refused(run: Callable[..., str]) -> None:
    said = run("a.jpg", "a.png", "--preview", acting=cover, code=2)
    assert "2 files named a.boxes.jpg would have one preview" in said


def test_two_files_with_one_result_are_refused(run: Callable[..., str], tmp_path: Path) -> None:
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
    said = run("a/x.jpg", "b/x.jpg", "--output", "out", acting=cover, code=2)
    assert "2 files named x.jpg would have one result in out" in said


def test_a_file_for_which_nothing_is_deployed_is_not_uploaded(run: Callable[..., str]) -> None:
    assert "add a VideoRedaction to the CDK app" in run("a.jpg", "b.mp4", acting=cover, code=2)
