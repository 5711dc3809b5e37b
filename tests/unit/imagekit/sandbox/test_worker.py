import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from typing import Any, NoReturn

import pytest
from tests.unit.robustness.fake_decoders import BLOCK_SIZES
from tests.unit.robustness.sandbox import ROOT

from imagekit.rejection import ImageFault, ImageRejected
from imagekit.sandbox.process import MAX_ANSWER_BYTES, Task
from imagekit.sandbox.worker import Answer, Perform, Worker, WorkerFailedError

FAKES = "tests.unit.robustness.fake_decoders"
MEMORY = 100_000_000
PATIENT = 300
"""Seconds of the clock: a busy machine takes its time."""

ON_LINUX = pytest.mark.skipif(sys.platform != "linux", reason="the system does not hold a process to so much memory")


@pytest.fixture
def worker() -> Iterator[Worker]:
    made = Worker(uses=[FAKES], standstill_seconds=PATIENT)
    yield made
    made.close()


def task(use: str, **arguments: object) -> Task:
    return Task(use=f"{FAKES}:{use}", arguments=arguments, max_memory=MEMORY, max_seconds=1)


def perform(worker: Worker, use: str, *, data: bytes = b"a file", **arguments: object) -> Answer:
    return worker.perform(task(use, **arguments), data=data)


def rejection_by(worker: Worker, use: str, **arguments: Any) -> tuple[ImageFault, Mapping[str, object]]:
    with pytest.raises(ImageRejected) as raised:
        perform(worker, use, **arguments)
    return raised.value.reason, raised.value.detail


def test_findings_and_files_are_returned_unchanged(worker: Worker) -> None:
    data = os.urandom(1_000_000)
    assert perform(worker, "echo", data=data) == Answer(findings={"bytes": 1_000_000}, files=[data, b""])


def test_one_process_serves_one_file_after_the_other(worker: Worker) -> None:
    first = worker.pid
    for number in range(20):
        assert perform(worker, "echo", data=bytes(number)).findings == {"bytes": number}
    assert worker.pid == first
    assert not worker.has_ended


def test_a_decoder_that_leaks_memory_leaks_nothing_of_the_previous_file(worker: Worker) -> None:
    perform(worker, "leave_in_memory", data=b"a private page ")
    published = perform(worker, "publish_memory").files
    assert len(published) >= len(BLOCK_SIZES)
    assert not any(b"private" in file for file in published)


def test_one_child_performs_all_tasks_on_a_file_that_is_open_and_another_one_on_the_next_file(worker: Worker) -> None:
    long = b"w" * 200_000
    for size in (5, 6):
        with worker.opened(bytes(size)) as do:
            found = [do(task("count", word=word)).findings for word in (b"", long, b"")]
        assert found == [[1, size, 0], [2, size, len(long)], [3, size, 0]]
    assert perform(worker, "count").findings == [1, 6, 0]


def test_a_file_that_is_not_looked_at_leaves_the_worker_as_it_was(worker: Worker) -> None:
    with worker.opened(b"a file"):
        pass
    assert perform(worker, "echo").findings == {"bytes": 6}


def test_a_task_can_follow_one_that_rejects_the_file(worker: Worker) -> None:
    with worker.opened(b"a file") as do:
        with pytest.raises(ImageRejected):
            do(task("reject", reason=ImageFault.UNREADABLE_IMAGE, detail={}))
        assert do(task("count")).findings == [1, 6, 0]


def test_an_error_of_the_caller_ends_the_child_and_not_the_worker(worker: Worker) -> None:
    def fail(do: Perform) -> None:
        do(task("count"))
        raise TimeoutError

    with pytest.raises(TimeoutError), worker.opened(b"a file") as do:
        fail(do)
    assert perform(worker, "count").findings == [1, 6, 0]
    assert not worker.has_ended


def test_a_file_that_crashes_its_decoder_at_the_second_task_is_unreadable(worker: Worker) -> None:
    with worker.opened(b"a file") as do:
        do(task("count"))
        with pytest.raises(ImageRejected) as raised:
            do(task("die_by", number=signal.SIGSEGV))
    assert raised.value.reason is ImageFault.UNREADABLE_IMAGE
    assert worker.has_ended


def test_a_worker_that_is_killed_while_a_file_is_open_fails_at_the_next_task(worker: Worker) -> None:
    with worker.opened(b"a file") as do:
        do(task("count"))
        os.killpg(worker.pid, signal.SIGKILL)
        with pytest.raises(WorkerFailedError):
            do(task("count"))
    assert worker.has_ended


def test_a_crash_after_the_answer_counts_for_its_own_file(worker: Worker) -> None:
    assert rejection_by(worker, "crash_after_the_answer")[0] is ImageFault.UNREADABLE_IMAGE
    assert worker.has_ended


def test_an_answer_that_is_not_received_is_not_the_answer_to_the_next_file(
    worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    perform(worker, "echo")

    def fail(*_: object, **__: object) -> NoReturn:
        raise MemoryError

    with monkeypatch.context() as patched:
        patched.setattr("imagekit.sandbox.worker.receive", fail)
        with pytest.raises(MemoryError):
            perform(worker, "echo", data=b"a private page")
    assert worker.has_ended


def test_a_second_answer_is_not_the_answer_to_the_next_file(worker: Worker) -> None:
    with pytest.raises(WorkerFailedError, match="invalid"):
        perform(worker, "answer_twice")
    assert worker.has_ended


def test_a_worker_has_one_file_open_at_a_time(worker: Worker) -> None:
    with worker.opened(b"a file") as do:
        do(task("count"))
        with pytest.raises(RuntimeError, match="another one is open"), worker.opened(b"another file"):
            pass
        assert do(task("count")).findings == [2, 6, 0]


def test_modules_that_a_task_names_stay_imported_for_the_next_one(worker: Worker) -> None:
    def is_imported(*imports: str) -> object:
        task = Task(
            use=f"{FAKES}:is_imported",
            arguments={"module": "colorsys"},
            max_memory=MEMORY,
            max_seconds=1,
            imports=imports,
        )
        return worker.perform(task, data=b"a file").findings

    assert [is_imported(), is_imported("colorsys"), is_imported()] == [False, True, True]


def test_a_missing_module_is_handled_by_the_task(worker: Worker) -> None:
    task = Task(use=f"{FAKES}:echo", arguments={}, max_memory=MEMORY, max_seconds=1, imports=["no.such.module"])
    assert worker.perform(task, data=b"a file").findings == {"bytes": 6}


def test_a_file_that_makes_a_decoder_read_unmapped_memory_is_unreadable(worker: Worker) -> None:
    assert rejection_by(worker, "read_where_nothing_is") == (
        ImageFault.UNREADABLE_IMAGE,
        {"problem": "the file crashes its decoder"},
    )
    assert worker.has_ended


@pytest.mark.parametrize("name", ["SIGSEGV", "SIGABRT", "SIGBUS", "SIGILL", "SIGFPE", "SIGTRAP"])
def test_a_file_that_crashes_its_decoder_is_unreadable(worker: Worker, name: str) -> None:
    reason, _ = rejection_by(worker, "die_by", number=signal.Signals[name])
    assert reason is ImageFault.UNREADABLE_IMAGE


@pytest.mark.parametrize("status", [0, 1])
def test_a_file_that_makes_a_library_exit_is_unreadable(worker: Worker, status: int) -> None:
    reason, _ = rejection_by(worker, "leave", status=status)
    assert reason is ImageFault.UNREADABLE_IMAGE


def test_a_file_that_takes_too_much_processor_time_is_too_large(worker: Worker) -> None:
    assert rejection_by(worker, "spin") == (ImageFault.IMAGE_TOO_LARGE, {"maxSeconds": 1})
    assert worker.has_ended


def test_processor_time_is_counted_per_file(worker: Worker) -> None:
    used = 0.0
    while used < 2.5:
        perform(worker, "work_for", seconds=0.5)
        used += 0.5
    assert not worker.has_ended


@ON_LINUX
def test_a_file_that_takes_too_much_memory_is_too_large_and_the_worker_survives(worker: Worker) -> None:
    assert perform(worker, "take_memory", count=MEMORY // 2).findings == MEMORY // 2
    assert rejection_by(worker, "take_memory", count=2 * MEMORY) == (
        ImageFault.IMAGE_TOO_LARGE,
        {"maxMemoryBytes": MEMORY},
    )
    assert perform(worker, "take_memory", count=MEMORY // 2).findings == MEMORY // 2


def test_a_file_with_too_large_a_result_is_too_large(worker: Worker) -> None:
    task = Task(
        use=f"{FAKES}:answer_of",
        arguments={"count": MAX_ANSWER_BYTES},
        max_memory=2 * MAX_ANSWER_BYTES,
        max_seconds=10,
    )
    with pytest.raises(ImageRejected) as raised:
        worker.perform(task, data=b"a file")
    assert raised.value.detail == {"maxAnswerBytes": MAX_ANSWER_BYTES}


def test_a_rejection_has_reason_and_detail(worker: Worker) -> None:
    rejection = rejection_by(worker, "reject", reason=ImageFault.UNSUPPORTED_TYPE, detail={"type": "RAW"})
    assert rejection == (ImageFault.UNSUPPORTED_TYPE, {"type": "RAW", "bytes": 6})


def test_a_bug_in_safelight_is_not_a_rejection_and_has_a_traceback(worker: Worker) -> None:
    with pytest.raises(WorkerFailedError, match=r"(?s)fake_decoders\.py.*KeyError: b'a file'"):
        perform(worker, "be_mistaken")
    assert not worker.has_ended


def test_an_invalid_answer_is_not_trusted(worker: Worker) -> None:
    with pytest.raises(WorkerFailedError, match="response is invalid"):
        perform(worker, "speak_for_the_worker")
    assert worker.has_ended


def test_a_killed_worker_does_not_reject_the_file(worker: Worker) -> None:
    with pytest.raises(WorkerFailedError, match="SIGKILL"):
        perform(worker, "die_by", number=signal.SIGKILL)
    assert worker.has_ended


def test_a_hung_worker_is_killed() -> None:
    worker = Worker(uses=[FAKES], standstill_seconds=0.5)
    with pytest.raises(WorkerFailedError, match="hung or was killed"):
        perform(worker, "stand_still")
    assert worker.has_ended


def test_a_worker_that_cannot_start_says_so() -> None:
    worker = Worker(uses=["no.such.module"])
    with pytest.raises(WorkerFailedError, match="did not start"):
        perform(worker, "echo")


def test_decoder_output_does_not_mix_with_the_results(worker: Worker) -> None:
    assert perform(worker, "print_something").files == [b"a file"]
    assert perform(worker, "echo").findings == {"bytes": 6}


def test_a_worker_has_no_credentials_and_nothing_else_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "ANY_SECRET"):
        monkeypatch.setenv(name, "a secret of the function's")
    worker = Worker(uses=[FAKES])
    found = perform(worker, "variables").findings
    worker.close()
    assert "a secret of the function's" not in found.values()
    assert set(found) <= {
        *("PATH", "LD_LIBRARY_PATH", "LANG", "LC_ALL", "LC_CTYPE", "TZ"),
        *("MALLOC_ARENA_MAX", "MALLOC_TOP_PAD_", "OPENBLAS_NUM_THREADS"),
    }


PARENT = f"""
import os, signal, sys
from imagekit.sandbox.worker import Worker
from imagekit.sandbox.process import Task
worker = Worker(uses=[{FAKES!r}])
worker.perform(Task(use="{FAKES}:echo", arguments={{}}, max_memory=10**9, max_seconds=1), data=b"")
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_worker_ends_when_its_parent_is_killed() -> None:
    path = {"PYTHONPATH": f"{ROOT / 'lambdas'}{os.pathsep}{ROOT}"}
    # The worker has its parent's way for errors: until it has ended too, the output does not.
    done = subprocess.run(
        [sys.executable, "-c", PARENT],
        env=os.environ | path,
        capture_output=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == -signal.SIGKILL


def test_a_failed_fork_does_not_reject_the_file() -> None:
    program = (
        "import os\n"
        "from imagekit.sandbox import process as sandbox\n"
        "def refuse():\n"
        "    raise BlockingIOError('Resource temporarily unavailable')\n"
        "os.fork = refuse\n"
        "sandbox._in_a_child(lambda: None)\n"
    )
    ended = subprocess.run([sys.executable, "-c", program], env={"PYTHONPATH": os.pathsep.join(sys.path)}, check=False)
    assert -ended.returncode == signal.SIGKILL
