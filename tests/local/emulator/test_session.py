import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from safelight_local.aws.deployment import choose_workflow
from safelight_local.emulator import state
from safelight_local.emulator.endpoints import Endpoints
from safelight_local.emulator.process import Emulator
from safelight_local.emulator.services import Services
from safelight_local.emulator.session import alone, running, stop_all
from safelight_local.errors import UserError
from safelight_local.servers import Server, free_port, is_running, mark, start_server, stop_server


@contextmanager
def server_for(project: Path) -> Iterator[Server]:
    """A server that no state file names, as one that an ``up`` left that was killed."""
    folder, port = state.open_folder(project), free_port()
    command = [sys.executable, *mark(folder), "-m", "http.server", str(port), "--bind", "127.0.0.1"]
    server = start_server(name="server", command=command, port=port, env={}, log=folder / "server.log")
    try:
        yield server
    finally:
        stop_server(server)


def test_a_server_that_no_state_file_names_is_found_and_stopped(tmp_path: Path) -> None:
    with server_for(tmp_path) as server:
        while not stop_all(tmp_path):
            assert is_running(server), "not found, and its command line is not there yet"
        assert not is_running(server)


def test_a_server_of_another_folder_is_left_alone(tmp_path: Path) -> None:
    beside = tmp_path / "beside"
    beside.mkdir()
    with server_for(beside) as server:
        assert not stop_all(tmp_path)
        assert is_running(server)


def test_two_commands_that_start_or_stop_are_not_at_work_in_one_folder(tmp_path: Path) -> None:
    with (
        alone(tmp_path),
        pytest.raises(UserError, match=r"another `safelight up` .* is at work in this folder \(process \d+\)"),
        alone(tmp_path),
    ):
        pass


def test_the_next_command_may_work_in_a_folder_that_another_has_left(tmp_path: Path) -> None:
    for _ in range(2):
        with alone(tmp_path):
            pass


def test_commands_in_two_folders_do_not_wait_for_each_other(tmp_path: Path) -> None:
    beside = tmp_path / "beside"
    beside.mkdir()
    with alone(tmp_path), alone(beside):
        pass


AT_WORK = rf"^`safelight up` is still at work here \(process {os.getpid()}\): wait until it has ended$"


def test_a_command_that_runs_before_up_has_started_anything_says_to_wait(tmp_path: Path) -> None:
    with alone(tmp_path), pytest.raises(UserError, match=AT_WORK), running(tmp_path):
        pass


def test_a_command_that_runs_while_up_deploys_says_to_wait(tmp_path: Path) -> None:
    with server_for(tmp_path) as server:
        endpoints = Endpoints(url=f"https://localhost:{server.port}", ca_bundle=tmp_path / "certificate.pem")
        state.save(
            Services(emulator=Emulator(server=server, endpoints=endpoints), rekognition=server), project=tmp_path
        )
        with alone(tmp_path), pytest.raises(UserError, match=AT_WORK), running(tmp_path):
            choose_workflow([])
        with pytest.raises(UserError, match="no workflow is deployed"), running(tmp_path):
            choose_workflow([])


def test_a_command_after_an_up_that_has_failed_says_to_run_it(tmp_path: Path) -> None:
    with alone(tmp_path):
        pass
    with pytest.raises(UserError, match="run `safelight up` first"), running(tmp_path):
        pass
