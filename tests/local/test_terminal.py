import io
from threading import Event

import pytest
from rich.console import Console

from safelight_local import terminal
from safelight_local.aws.uploads import Progress, Upload
from safelight_local.live_uploads import live_uploads
from safelight_local.terminal import step

LONG_ENOUGH_SECONDS = 60


class Output(io.StringIO):
    """A file that tells when a text has been written to it."""

    def __init__(self, awaited: str) -> None:
        super().__init__()
        self.awaited = awaited
        self.found = Event()

    def write(self, text: str) -> int:
        written = super().write(text)
        if self.awaited in self.getvalue():
            self.found.set()
        return written


def console_on(file: io.StringIO, *, terminal: bool) -> Console:
    return Console(file=file, width=200, force_terminal=terminal, highlight=False, _environ={"TERM": "xterm"})


@pytest.mark.parametrize("on_terminal", [True, False])
def test_the_title_of_a_step_is_shown_when_it_starts(*, on_terminal: bool) -> None:
    output = Output("Deploying")
    with step(console_on(output, terminal=on_terminal), "Deploying"):
        assert output.found.wait(LONG_ENOUGH_SECONDS)


@pytest.mark.parametrize("on_terminal", [True, False])
def test_a_step_shows_its_progress(monkeypatch: pytest.MonkeyPatch, *, on_terminal: bool) -> None:
    monkeypatch.setattr(terminal, "_LINE_SECONDS", 0)
    output = Output("Deploying: 23 of 61 resources")
    with step(console_on(output, terminal=on_terminal), "Deploying") as show:
        show("23 of 61 resources")
        assert output.found.wait(LONG_ENOUGH_SECONDS)


def test_uploads_without_a_terminal_are_counted_while_they_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(terminal, "_LINE_SECONDS", 0)
    output = Output("Waiting for outcomes: 0 of 1 uploads")
    with live_uploads(console_on(output, terminal=False)) as changed:
        changed([Progress(upload=Upload(key="park/photo.jpg", etag="1", place_type="park"))])
        assert output.found.wait(LONG_ENOUGH_SECONDS)
