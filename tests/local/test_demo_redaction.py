"""The third part of the demo: what it takes for wrong, and what it says first."""

from contextlib import nullcontext
from dataclasses import fields
from pathlib import Path

import pytest

from safelight_local import demo_redaction
from safelight_local.aws.redaction_states import Ending, State
from safelight_local.demo_redaction import unexpected
from safelight_local.emulator.cdk import Cli
from safelight_local.emulator.endpoints import Endpoints
from safelight_local.errors import UserError
from safelight_local.redacted_files import RedactedFile
from safelight_local.samples import Samples
from safelight_local.terminal import make_console


def redacted(state: State) -> RedactedFile:
    return RedactedFile(path=Path("demo-output", "photo.jpg"), state=state, seconds=1.0)


def test_one_covered_face_is_expected() -> None:
    assert unexpected(redacted(State(ending=Ending.REDACTED, covered={"FACE": 1}))) is None


def test_a_file_without_a_covered_face_is_reported() -> None:
    found = unexpected(redacted(State(ending=Ending.REDACTED)))
    assert found == "photo.jpg: {} are covered, and it should be one face"


def test_a_file_that_is_rejected_is_reported() -> None:
    found = unexpected(redacted(State(ending=Ending.REJECTED, reason="DAMAGED")))
    assert found == "photo.jpg: REJECTED (DAMAGED), and it should be REDACTED"


def test_a_file_that_takes_too_long_is_reported() -> None:
    assert str(unexpected(redacted(State()))).startswith("photo.jpg: no outcome")


def test_the_part_says_what_it_does_before_it_starts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def deploy(*_: object, **__: object) -> None:
        raise UserError("not deployed")

    monkeypatch.setattr(demo_redaction, "deploy_app", deploy)
    with pytest.raises(UserError, match="not deployed"):
        demo_redaction.redact_samples(
            Cli(program="cdk", search_path=""),
            endpoints=Endpoints(url="https://localhost:1", ca_bundle=tmp_path / "ca.pem"),
            samples=Samples(**{it.name: tmp_path for it in fields(Samples)}),
            output=tmp_path / "redacted",
            folder=tmp_path / "redaction",
            console=make_console(),
            step=lambda _: nullcontext(lambda _: None),
            validate=lambda: None,
        )
    (line,) = capsys.readouterr().out.splitlines()
    assert line.startswith("Third part, up to a minute: deploys examples/redaction/app.py")
