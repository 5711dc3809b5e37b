import dataclasses
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from safelight_local.errors import UserError
from safelight_local.servers import (
    Server,
    free_port,
    is_running,
    last_words,
    start_server,
    stop_server,
    validate_free_port,
    wait_until_ready,
)

SLEEPS = "import time; print('up', flush=True); time.sleep(600)"
HEEDS_NO_TERM = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); " + SLEEPS


def start(tmp_path: Path, source: str) -> Server:
    return start_server(
        name="test server",
        command=[sys.executable, "-c", source],
        port=1,
        env={"PATH": os.defpath},
        log=tmp_path / "server.log",
    )


def say_up(server: Server) -> bool:
    return "up" in server.log.read_text()


@pytest.fixture
def sleeping(tmp_path: Path) -> Iterator[Server]:
    server = start(tmp_path, SLEEPS)
    yield server
    stop_server(server)


def test_a_started_server_runs_until_it_is_stopped(sleeping: Server) -> None:
    wait_until_ready(sleeping, answers=lambda: say_up(sleeping), seconds=300)
    assert is_running(sleeping)
    stop_server(sleeping)
    assert not is_running(sleeping)


def test_a_server_that_ignores_sigterm_is_killed(tmp_path: Path) -> None:
    server = start(tmp_path, HEEDS_NO_TERM)
    wait_until_ready(server, answers=lambda: say_up(server), seconds=300)
    stop_server(server)
    assert not is_running(server)


def test_a_server_has_only_the_environment_that_it_is_given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "of-the-user")
    server = start(tmp_path, "import os; print('up', 'AWS_PROFILE' in os.environ, flush=True); " + SLEEPS)
    wait_until_ready(server, answers=lambda: say_up(server), seconds=300)
    stop_server(server)
    assert server.log.read_text().startswith("up False")


def test_a_server_that_dies_is_reported_with_its_last_output(tmp_path: Path) -> None:
    server = start(tmp_path, "raise SystemExit('no more memory')")
    with pytest.raises(UserError, match=r"the test server has stopped by itself: see .*no more memory"):
        wait_until_ready(server, answers=lambda: False, seconds=300)


def test_a_server_that_never_gets_ready_is_reported(sleeping: Server) -> None:
    with pytest.raises(UserError, match="the test server is not ready"):
        wait_until_ready(sleeping, answers=lambda: False, seconds=0)


def test_a_reused_pid_is_left_alone(sleeping: Server) -> None:
    wait_until_ready(sleeping, answers=lambda: say_up(sleeping), seconds=300)
    another = dataclasses.replace(sleeping, pid=os.getppid())
    assert not is_running(another)
    stop_server(another)
    assert is_running(sleeping)


def test_a_missing_or_empty_log_still_gives_a_message(sleeping: Server) -> None:
    gone = dataclasses.replace(sleeping, log=sleeping.log.with_name("gone.log"))
    assert last_words(gone) == "its log is gone"
    gone.log.touch()
    assert last_words(gone) == "its log is empty"


def test_a_free_port_may_be_used() -> None:
    validate_free_port(free_port())


def test_an_invalid_port_is_rejected() -> None:
    with pytest.raises(UserError, match="port 70000 cannot be used"):
        validate_free_port(70000)
