"""The most memory that a process uses for a large source. Linux tells it of a running process."""

import sys
from pathlib import Path

import pytest
from PIL import Image
from tests.unit.child_python import run_python
from tests.unit.pictures import encoded

_MAKE = """
import sys
from pathlib import Path
from tests.unit.imagekit.operations.making import make
from safelight_contracts.delivery.shaping import Resize
assert make(Path(sys.argv[1]).read_bytes(), Resize(width=500)).width == 500
status = Path("/proc/self/status").read_text()
print(status.split("VmHWM:")[1].split()[0])
"""


@pytest.mark.skipif(sys.platform != "linux", reason="/proc tells how much memory a process has used")
@pytest.mark.parametrize("progressive", [False, True])
def test_a_jpeg_of_36_megapixels_takes_at_most_256_mb(progressive: bool, tmp_path: Path) -> None:  # noqa: FBT001
    file = tmp_path / "large.jpg"
    file.write_bytes(encoded(Image.new("RGB", (7360, 4912), (90, 120, 200)), "JPEG", progressive=progressive))
    assert int(run_python(_MAKE, str(file))) < 256_000
