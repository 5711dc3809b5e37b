import subprocess
import sys

from tests.unit.robustness.sandbox import ROOT

BOUNDED = """
import resource
from imagekit.sandbox.memory import memory_bounded
before = resource.getrlimit(resource.RLIMIT_AS)
with memory_bounded(100_000_000):
    bytearray(50_000_000)
    try:
        bytearray(150_000_000)
        print("given")
    except MemoryError:
        print("refused")
bytearray(150_000_000)
print(resource.getrlimit(resource.RLIMIT_AS) == before)
"""


def test_memory_beyond_the_limit_is_denied_until_the_limit_is_lifted() -> None:
    done = subprocess.run(
        [sys.executable, "-c", BOUNDED], cwd=ROOT / "lambdas", capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["refused", "True"]
