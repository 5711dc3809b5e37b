"""The peak memory of a large JPEG that is delivered small: `python -m bench.delivery.memory`.

Each method runs in a new process, which reads the file and scales it to a JPEG. The figure is the most memory that the
process had, the interpreter and the file included, as Linux tells it. Safelight's is that of its worker, in which the
function makes images. The test of the goal is `tests/unit/imagekit/operations/test_memory.py`.
"""

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

from PIL import Image

from bench.photographs import photograph_24_mp
from bench.results import Goal, Result, Table
from bench.show import show

MOST_MB = 256
WIDTH = 500
SIZE = (7360, 4912)
"""Of a camera of 36 megapixels."""

_ROOT = Path(__file__).parents[2]
_PYTHON = """
import sys
from pathlib import Path
import imagekit.sandbox.delivery_tasks
from bench.delivery.miss import deliver
from safelight_contracts.delivery.operations import Output
from safelight_contracts.image_types import ImageType
deliver(Path(sys.argv[1]).read_bytes(), width=int(sys.argv[2]), output=Output(type=ImageType.JPEG))
print(Path("/proc/self/status").read_text())
"""
_NODE = """
const { readFileSync } = require('node:fs');
const sharp = require('sharp');
sharp.concurrency(1);
sharp.cache(false);
const [file, width] = process.argv.slice(1);
sharp(readFileSync(file)).autoOrient().resize({ width: Number(width) }).jpeg().toBuffer()
  .then(() => console.log(readFileSync('/proc/self/status', 'utf8')));
"""
_COMMANDS: Mapping[str, Sequence[str]] = {
    "Safelight": [sys.executable, "-c", _PYTHON],
    "sharp": ["node", "--eval", _NODE, "--"],
}


def measure(*, rounds: int) -> Result:  # noqa: ARG001 - memory hardly varies
    """Measure the memory for a plain and for a progressive JPEG."""
    with TemporaryDirectory() as name:
        files = {kind: Path(name) / kind for kind in ("plain", "progressive")}
        with Image.open(BytesIO(photograph_24_mp())) as photograph:
            large = photograph.resize(SIZE, Image.Resampling.BILINEAR)
        for kind, file in files.items():
            large.save(file, "JPEG", quality=90, progressive=kind == "progressive")
        peaks = {
            kind: {way: _peak_mb([*command, str(file), str(WIDTH)]) for way, command in _COMMANDS.items()}
            for kind, file in files.items()
        }
    most = max(peak["Safelight"] for peak in peaks.values())
    return Result(
        tables=[
            Table(
                title=f"Peak memory of a JPEG of 36 MP, delivered at {WIDTH} px",
                note="Of a new process, with its interpreter and the file.",
                columns={"JPEG": "", "MB": ".0f", "MB, sharp": ".0f"},
                rows=[(kind, peak["Safelight"], peak["sharp"]) for kind, peak in peaks.items()],
            )
        ],
        goals=[
            Goal(
                goal=f"memory: a JPEG of 36 MP to {WIDTH} px in at most {MOST_MB} MB",
                measured=f"{most:.0f} MB",
                holds=most <= MOST_MB,
            )
        ],
    )


def _peak_mb(command: Sequence[str]) -> float:
    environment = os.environ | {"NODE_PATH": str(_ROOT / "bench/node_modules")}
    done = subprocess.run(command, cwd=_ROOT, env=environment, check=True, capture_output=True, text=True)  # noqa: S603
    # Linux counts KiB.
    return int(done.stdout.partition("VmHWM:")[2].split()[0]) * 1024 / 1e6


if __name__ == "__main__":
    show(measure)
