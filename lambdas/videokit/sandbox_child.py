"""What runs in the child process of a sandbox: one call, within limits."""

import json
import os
import pickle
import resource
import sys
import traceback
from typing import TYPE_CHECKING, Any

from imagekit.sandbox.memory import memory_bounded
from imagekit.sandbox.processor import processor_bounded
from videokit.faults import ChunkMismatchError, OutputInvalidError, VideoFault, VideoRejected

if TYPE_CHECKING:
    from videokit.sandbox import Call


def main() -> None:
    """Read a call from standard input, and write its answer to standard output."""
    # The parent started this process, so it is trusted.
    call: Call = pickle.loads(sys.stdin.buffer.read())  # noqa: S301
    # What a decoder prints must not mix with the answer.
    with os.fdopen(os.dup(sys.stdout.fileno()), "w") as answers:
        os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
        answer = json.dumps(_perform(call), default=_as_json)
        answers.write(answer)


def _perform(call: "Call") -> dict[str, Any]:
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        with memory_bounded(call.limits.max_memory), processor_bounded(call.limits.max_seconds):
            return {"returned": call.function(**call.arguments)}
    except VideoRejected as rejection:
        return {"rejected": rejection.reason, "detail": rejection.detail}
    except OutputInvalidError as error:
        return {"invalid": error.fault, "detail": error.detail}
    except ChunkMismatchError as error:
        return {"mismatch": str(error)}
    except MemoryError:
        return {"rejected": VideoFault.TOO_LARGE, "detail": {"max_memory": call.limits.max_memory}}
    except Exception:
        # Faults of the file have already become rejections, so this is a fault of the program.
        return {"failed": traceback.format_exc()}


def _as_json(value: Any) -> Any:
    return value.as_json()
