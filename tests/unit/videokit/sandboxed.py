"""Functions that a sandbox runs."""

import os
import signal


def echo(value: object) -> object:
    return value


def environment() -> list[str]:
    return sorted(os.environ)


def crash() -> None:
    os.kill(os.getpid(), signal.SIGSEGV)


def be_killed() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def fill_memory() -> int:
    return len(bytearray(1 << 30))


def run_forever() -> None:
    while True:
        pass


def fail() -> None:
    raise RuntimeError("a fault of the program")


def print_much() -> str:
    os.write(1, b"a decoder's output")
    return "answer"
