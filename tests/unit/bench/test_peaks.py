"""The peak memory of processes, watched from outside."""

import subprocess
import sys

import pytest
from bench.peaks import peak_mib

# It starts a child that uses 64 MiB, as a worker does for a file.
PROGRAM = """
import os
if os.fork() == 0:
    used = bytearray(b"1") * 64 * 1024 * 1024
    os.write(1, b"1")
    os.read(0, 1)
    os._exit(0)
os.wait()
"""

linux = pytest.mark.skipif(sys.platform != "linux", reason="there is no /proc")


@linux
def test_the_memory_of_a_child_counts_although_it_ends_first() -> None:
    looks = iter([False, True])
    with subprocess.Popen([sys.executable, "-c", PROGRAM], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:

        def has_ended() -> bool:
            if next(looks):
                process.communicate(b"1")
                return True
            assert process.stdout is not None
            process.stdout.read(1)
            return False

        assert peak_mib(process.pid, has_ended=has_ended) > 64
