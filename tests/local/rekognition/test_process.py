"""The stand-in as a process: a port in use, how it stops."""

import signal
import socket
import subprocess
from pathlib import Path

import pytest
from tests.local.rekognition.stand_in import command, environment, running_stand_in


def test_a_port_in_use_is_named_in_one_line_with_exit_code_2() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        ended = subprocess.run(
            command("--port", str(port)), env=environment({}), capture_output=True, text=True, check=False
        )
    assert ended.returncode == 2
    assert ended.stdout == ""
    assert ended.stderr == f"error: port {port} is in use: name another with --port\n"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_stops_at_once_when_told_to(tmp_path: Path, number: signal.Signals) -> None:
    with running_stand_in(tmp_path, variables={}) as stand_in:
        stand_in.send("GET", "/healthz")
        stand_in.process.send_signal(number)
        assert stand_in.process.wait(timeout=10) == 0
