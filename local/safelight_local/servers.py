"""Server processes that outlive the command that starts them."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import safelight_local
import safelight_models
from safelight_local.errors import UserError

LOOPBACK = "127.0.0.1"
_POLL_SECONDS = 0.02
_TERM_SECONDS = 2.0
_KILL_SECONDS = 5.0
_LAST_LINES = 3
_LONGEST_LINE = 200


@dataclass(frozen=True, kw_only=True)
class Server:
    """A server process. It leads its own process group.

    `command`: the command line. It distinguishes the server from a later process with the same pid.
    `log`: the file that takes its standard output and error.
    """

    name: str
    pid: int
    command: tuple[str, ...]
    port: int
    log: Path


def python_path() -> str:
    """Return the ``PYTHONPATH`` with which a server imports the same code as this process, installed or not."""
    packages = (safelight_local, safelight_models)
    return os.pathsep.join(dict.fromkeys(str(Path(str(package.__file__)).parents[1]) for package in packages))


def free_port() -> int:
    """Choose a loopback port that nothing listens on.

    Returns a port that was free just now. Another process may take it before you do.
    """
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        port: int = probe.getsockname()[1]
    return port


def validate_free_port(port: int) -> None:
    """Refuse a port that something listens on.

    Raises UserError if the port is out of range, reserved or in use.
    """
    with socket.socket() as probe:
        # As servers do: a port with closing connections only is free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except (OSError, OverflowError) as error:
            reason = error.strerror if isinstance(error, OSError) else "not a port number"
            raise UserError(
                f"port {port} cannot be used ({reason}): choose another with --port, "
                "or leave it out to have a free one chosen"
            ) from error


def start_server(*, name: str, command: Sequence[str], port: int, env: Mapping[str, str], log: Path) -> Server:
    """Start a server in its own session, so that Ctrl-C at the terminal does not reach it.

    `command`: the program, by its full path, and its arguments.
    `port`: the port that the command makes it listen on.
    `env`: its whole environment; nothing of this process's is added.
    `log`: the file for its standard output and error; what it held is lost.

    Returns the process, which may not be ready yet.
    """
    log.write_bytes(b"")
    # Not subprocess.Popen: it tracks processes that are meant to live on, and warns about them.
    pid = os.posix_spawn(
        command[0],
        list(command),
        env,
        file_actions=[
            (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
            (os.POSIX_SPAWN_OPEN, 1, str(log), os.O_WRONLY | os.O_APPEND, 0),
            (os.POSIX_SPAWN_DUP2, 1, 2),
        ],
        setsid=True,
    )
    return Server(name=name, pid=pid, command=tuple(command), port=port, log=log)


def mark(folder: Path) -> list[str]:
    """Mark a Python server with the folder that it works for, so that `find_servers` finds it.

    Result: options of Python's command line, which Python itself ignores.
    """
    return ["-X", f"safelight={folder}"]


def find_servers(folder: Path) -> list[int]:
    """Find the servers that work for a folder.

    Returns their process ids, which are also the ids of their process groups.
    """
    marked = " ".join(mark(folder))
    return [pid for pid in _process_ids() if f" {marked} -m " in _command_line(pid)]


def is_running(server: Server) -> bool:
    """Tell whether the process is alive and still the one that was started.

    `server`: the process, whether this one started it or an earlier command did.

    Returns False too when the pid has since been given to another program.
    """
    try:
        # A child's pid stays its own until this very call; its command line may not be there yet.
        return os.waitpid(server.pid, os.WNOHANG)[0] != server.pid
    except ChildProcessError:
        pass  # An earlier command's child.
    # Some systems start Python again under another path: only the arguments tell.
    return _command_line(server.pid).endswith(" ".join(server.command[1:]))


def wait_until_ready(server: Server, *, answers: Callable[[], bool], seconds: float) -> None:
    """Wait until a server accepts requests.

    `answers`: Asks it once whether it is ready.

    Raises UserError if it dies or does not get ready in time; the message holds the last lines of its log.
    """
    deadline = time.monotonic() + seconds
    while not answers():
        if not is_running(server):
            raise died(server)
        if time.monotonic() > deadline:
            raise UserError(
                f"the {server.name} is not ready in {seconds:.0f} s: see {server.log} ({last_words(server)})"
            )
        time.sleep(_POLL_SECONDS)


def died(server: Server) -> UserError:
    """Make the error for a server that ended by itself, with the last lines of its log.

    Returns one line: the log's path and its last lines.
    """
    return UserError(f"the {server.name} has stopped by itself: see {server.log} ({last_words(server)})")


def last_words(server: Server) -> str:
    """Return the last lines of a server's log as one line.

    Result: at most three lines, cut to 200 characters and joined by `` | ``, or ``its log is empty``.
    """
    try:
        lines = server.log.read_text(errors="replace").splitlines()
    except FileNotFoundError:
        return "its log is gone"
    return (
        " | ".join(line.strip()[:_LONGEST_LINE] for line in lines[-_LAST_LINES:] if line.strip()) or "its log is empty"
    )


def stop_server(server: Server) -> None:
    """End a server: SIGTERM to the process, and SIGKILL to its whole group for what is left of it.

    `server`: the process; one that is gone already, or whose pid is another program's now, is left alone.
    """
    if is_running(server):
        os.kill(server.pid, signal.SIGTERM)
        _wait_while(lambda: is_running(server), seconds=_TERM_SECONDS)
    # The emulator ignores SIGTERM while a connection is open or a custom resource is pending, and its
    # functions may outlive it.
    if is_running(server) or not _command_line(server.pid):
        kill_group(server.pid)


def kill_group(group: int) -> None:
    """End all processes of a group at once, and wait until none of them runs any more.

    `group`: the pid of the group's leader, which may be gone already.
    """
    try:
        os.killpg(group, signal.SIGKILL)
    except ProcessLookupError:
        return
    _wait_while(lambda: _group_runs(group), seconds=_KILL_SECONDS)


def _wait_while(condition: Callable[[], bool], *, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while condition() and time.monotonic() < deadline:
        time.sleep(_POLL_SECONDS)


def _group_runs(group: int) -> bool:
    """Whether any process of a group is alive. Zombies are not."""
    if not Path("/proc/self").exists():
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return False
        return True
    for file in Path("/proc").glob("[0-9]*/stat"):
        try:
            # The fields after the name in parentheses, which may hold spaces itself: proc_pid_stat(5).
            state, _parent, its_group = file.read_text().rpartition(")")[2].split()[:3]
        except (FileNotFoundError, ProcessLookupError):
            continue
        if int(its_group) == group and state not in "ZX":
            return True
    return False


def _process_ids() -> list[int]:
    if Path("/proc/self").exists():
        return [int(folder.name) for folder in Path("/proc").glob("[0-9]*")]
    listed = subprocess.run(["/bin/ps", "-axo", "pid="], capture_output=True, text=True, check=False)
    return [int(pid) for pid in listed.stdout.split()]


def _command_line(pid: int) -> str:
    """Return the arguments of a process, joined by spaces. Empty if there is no such process, or it is a zombie."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().rstrip(b"\0").replace(b"\0", b" ").decode()
    except FileNotFoundError:
        if Path("/proc/self").exists():
            return ""
    except ProcessLookupError:
        return ""
    listed = subprocess.run(  # noqa: S603 - a number, on systems without /proc
        ["/bin/ps", "-ww", "-o", "command=", "-p", str(pid)], capture_output=True, text=True, check=False
    )
    return listed.stdout.strip()
