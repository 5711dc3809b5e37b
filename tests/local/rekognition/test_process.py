"""The stand-in as a process: a port in use, how it stops."""

import signal
import socket
import struct
import subprocess
import time
from pathlib import Path

import pytest
from tests.local.rekognition.stand_in import command, environment, running_stand_in


def refusal(*arguments: str) -> str:
    """Return the line that the stand-in ends with when it does not start, with exit code 2."""
    ended = subprocess.run(command(*arguments), env=environment({}), capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stdout) == (2, "")
    return ended.stderr


def test_a_port_in_use_is_named_in_one_line() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert refusal("--port", str(port)) == (
            f"error: port {port} cannot be used (Address already in use): choose another with --port\n"
        )


def test_an_invalid_port_is_named_in_one_line() -> None:
    assert refusal("--port", "70000") == (
        "error: port 70000 cannot be used (not a port number): choose another with --port\n"
    )


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_stops_immediately_on_request(tmp_path: Path, number: signal.Signals) -> None:
    with running_stand_in(tmp_path, variables={}) as stand_in:
        stand_in.send("GET", "/healthz")
        stand_in.process.send_signal(number)
        assert stand_in.process.wait(timeout=300) == 0


def test_a_broken_connection_is_one_line_of_the_log(tmp_path: Path) -> None:
    with running_stand_in(tmp_path, variables={}) as stand_in:
        with socket.create_connection(("127.0.0.1", stand_in.port)) as caller:
            # Closed with an answer unread, the connection is reset.
            caller.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            caller.sendall(b"POST / HTTP/1.1\r\nContent-Length: 10\r\n\r\n")
        deadline = time.monotonic() + 300
        while time.monotonic() < deadline:
            stand_in.send("GET", "/healthz")
            log = stand_in.log.read_text()
            if "a connection broke off" in log:
                break
        assert "a connection broke off" in log
        assert "Traceback" not in log
