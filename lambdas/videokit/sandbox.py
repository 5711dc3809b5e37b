"""Read and write videos in a child process, so that a hostile file can crash only that process.

The system limits the child's memory and processor time. It has no environment variables of this process, and so no
credentials. Its answer is read as JSON.
"""

import json
import os
import pickle
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from videokit.faults import ChunkMismatchError, OutputFault, OutputInvalidError, VideoFault, VideoRejected

# Signals of a decoder that crashes, and of the C library and the C++ runtime that detect a broken process.
_CRASHES = {signal.SIGSEGV, signal.SIGBUS, signal.SIGILL, signal.SIGTRAP, signal.SIGFPE, signal.SIGABRT}
# What the C library and Python need. No other environment variable is passed on.
_KEPT_VARIABLES = ("PATH", "LD_LIBRARY_PATH", "LANG", "LC_ALL", "TZ")
# A glibc arena reserves 64 MB of address space, and an OpenBLAS thread 32 MB, whether they use it or not.
_THRIFTY = {"MALLOC_ARENA_MAX": "1", "OPENBLAS_NUM_THREADS": "1"}
_START = "import sys; sys.path[:] = {path!r}; from videokit.sandbox_child import main; main()"


class SandboxFailedError(Exception):
    """The child failed, and the file is not known to be the cause. The message is a traceback or a signal."""


@dataclass(frozen=True, kw_only=True)
class ProcessLimits:
    """What a child may use.

    Parameters
    ----------
    max_memory
        Bytes of address space beyond what Python and its modules have. Default: 2 GB, three times what a picture of
        3840 x 2160 needs.
    max_seconds
        Processor seconds, to within one. Default: 14 minutes, so that a function of 15 minutes reports it.
    """

    max_memory: int = 2_000_000_000
    max_seconds: int = 840


@dataclass(frozen=True, kw_only=True)
class Call:
    """A call of a function in the child. The child trusts it."""

    function: Callable[..., Any]
    arguments: Mapping[str, Any]
    limits: ProcessLimits


def run_in_sandbox(function: Callable[..., Any], arguments: Mapping[str, Any], *, limits: ProcessLimits) -> Any:
    """Call a function in a child process.

    `function`: of a module. What it returns must pass JSON, or have a method `as_json`.
    `arguments`: by name. They must pass pickle.

    Returns what the function returned, as JSON.

    Raises
    ------
    VideoRejected
        What the function raises; DAMAGED if the file crashes a decoder; TOO_LARGE if it needs too much memory or
        processor time.
    ChunkMismatchError, OutputInvalidError
        What the function raises.
    SandboxFailedError
        If it raises anything else, or the child is killed from outside.
    """
    path = [os.path.abspath(folder) for folder in sys.path]  # noqa: PTH100 - '' is this folder
    child = subprocess.run(  # noqa: S603
        # Isolated and without site, to start sooner. The path is passed instead.
        [sys.executable, "-I", "-S", "-W", "ignore", "-c", _START.format(path=path)],
        input=pickle.dumps(Call(function=function, arguments=arguments, limits=limits)),
        stdout=subprocess.PIPE,
        env={name: os.environ[name] for name in _KEPT_VARIABLES if name in os.environ} | _THRIFTY,
        check=False,
    )
    if child.returncode:
        raise _reason_for_its_end(child.returncode, limits=limits)
    try:
        answer = json.loads(child.stdout)
        return _understood(answer)
    except (ValueError, KeyError, TypeError) as error:
        raise SandboxFailedError("the child's answer is invalid") from error


def _understood(answer: Mapping[str, Any]) -> Any:
    if "rejected" in answer:
        raise VideoRejected(VideoFault(answer["rejected"]), detail=answer["detail"])
    if "invalid" in answer:
        raise OutputInvalidError(OutputFault(answer["invalid"]), detail=answer["detail"])
    if "mismatch" in answer:
        raise ChunkMismatchError(answer["mismatch"])
    if "failed" in answer:
        raise SandboxFailedError(answer["failed"])
    return answer["returned"]


def _reason_for_its_end(status: int, *, limits: ProcessLimits) -> Exception:
    if -status == signal.SIGXCPU:
        return VideoRejected(VideoFault.TOO_LARGE, detail={"max_processor_seconds": limits.max_seconds})
    if -status in _CRASHES:
        return VideoRejected(VideoFault.DAMAGED, detail={"crash": signal.Signals(-status).name})
    return SandboxFailedError(f"the child ended with {status}")
