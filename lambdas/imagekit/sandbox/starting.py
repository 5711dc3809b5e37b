"""How the processes of sandboxes start, and which of their ends are crashes."""

import os
import signal
import sys

CRASHES = {signal.SIGSEGV, signal.SIGBUS, signal.SIGILL, signal.SIGTRAP, signal.SIGFPE, signal.SIGABRT}
"""Signals of a decoder that crashes, and of the C library and the C++ runtime that detect a broken process."""

# What the C library and Python need. No other environment variable is passed on.
_KEPT_VARIABLES = ("PATH", "LD_LIBRARY_PATH", "LANG", "LC_ALL", "TZ")
# A glibc arena reserves 64 MB of address space, and an OpenBLAS thread 32 MB, whether they use it or not.
_THRIFTY = {"MALLOC_ARENA_MAX": "1", "OPENBLAS_NUM_THREADS": "1"}


def python_command(program: str) -> list[str]:
    """Return the command that runs a program with this process's modules.

    It is isolated and without site, to start sooner. It gets the path of this process instead.
    """
    path = [os.path.abspath(folder) for folder in sys.path]  # noqa: PTH100 - '' is this folder
    return [sys.executable, "-I", "-S", "-W", "ignore", "-c", f"import sys; sys.path[:] = {path!r}; {program}"]


def environment() -> dict[str, str]:
    """Return the environment of a sandbox: without the variables of this process, and so without credentials."""
    return {name: os.environ[name] for name in _KEPT_VARIABLES if name in os.environ} | _THRIFTY
