"""Camera raw of 24 megapixels: the preview, half the size and the whole, against dcraw: `python -m bench.raw`."""

import shutil
import subprocess
from collections.abc import Callable
from functools import partial
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

import rawpy
from PIL import Image
from tests.unit.raw_pictures import dng

from bench.photographs import photograph_24_mp
from bench.results import Goal, Result, Table, at_least, at_most
from bench.rounds import take_turns, timed, timed_command
from bench.show import show
from bench.similarity import lanczos, similarity
from imagekit.decoding.development import develop
from imagekit.geometry import Size
from safelight_contracts.development import Development, DevelopmentMethod

WHOLE = Size(width=6000, height=4000)
SMALL = Size(width=400, height=267)
COMPARED = (1280, 853)
# The camera's white balance and AHD, like the engine's `DevelopmentMethod.FULL`.
DCRAW = ("dcraw", "-w", "-q", "3", "-c")
DCRAW_HALF = ("dcraw", "-w", "-h", "-c")
DCRAW_PREVIEW = ("dcraw", "-e", "-c")
WITHOUT_DCRAW = "dcraw is not installed, so its rows are omitted. On Debian and Ubuntu, run `apt install dcraw`."


def measure(*, rounds: int) -> Result:
    """Compare ways to develop a camera raw file."""
    photograph = photograph_24_mp()
    data = dng(Image.open(BytesIO(photograph)), preview=photograph)
    has_dcraw = shutil.which("dcraw") is not None
    preview, shown, half, full = (
        "embedded preview, unchanged",
        "Safelight, preview decoded for 400 px",
        "Safelight, half size",
        "Safelight, full develop (AHD)",
    )
    by_engine: dict[str, Callable[[], Image.Image]] = {
        shown: partial(_developed, data, method=DevelopmentMethod.PREVIEW),
        half: partial(_developed, data, method=DevelopmentMethod.HALF),
        full: partial(_developed, data, method=DevelopmentMethod.FULL),
    }
    with TemporaryDirectory() as folder:
        file = Path(folder) / "photograph.dng"
        file.write_bytes(data)
        by_dcraw = {
            "dcraw, preview": (*DCRAW_PREVIEW, str(file)),
            "dcraw, half size": (*DCRAW_HALF, str(file)),
            "dcraw, full develop (AHD)": (*DCRAW, str(file)),
        }
        if not has_dcraw:
            by_dcraw.clear()
        ways = {preview: timed(partial(_preview, data))}
        ways |= {name: timed(do) for name, do in by_engine.items()}
        ways |= {name: timed_command(*command) for name, command in by_dcraw.items()}
        medians = take_turns(ways, rounds=rounds)
        pictures = {name: do() for name, do in by_engine.items()}
        pictures |= {name: Image.open(BytesIO(_output(command))) for name, command in by_dcraw.items()}
    truth = lanczos(Image.open(BytesIO(photograph)), size=COMPARED)
    alike = {
        name: similarity(picture.resize(COMPARED, Image.Resampling.LANCZOS), to=truth)
        for name, picture in pictures.items()
        if picture.width >= COMPARED[0]
    }
    table = Table(
        title="Camera raw, 24 MP",
        note="A synthetic, uncompressed DNG of the photograph of 24 megapixels, with that JPEG as its preview. A "
        "camera's file takes a little longer to unpack. SSIM is measured against the photograph, both scaled to "
        f"{COMPARED[0]} x {COMPARED[1]}. It also depends on brightness and tone curve, which each developer chooses. "
        + (
            "dcraw runs as a process that discards its output. Its time includes its start and reading the file."
            if has_dcraw
            else WITHOUT_DCRAW
        ),
        columns={"way": "", "ms": ".0f", "time / full develop": ".3f", "SSIM": ".4f"},
        rows=[(name, medians.ms(name), medians.ratio(name, to=full), alike.get(name)) for name in ways],
    )
    goals = [
        at_least(
            100,
            medians.ratio(full, to=preview),
            goal="RAW: getting the preview 100 times faster than developing",
            digits=0,
        )
    ]
    develop_goal = "RAW: full develop at most .9 times dcraw's time"
    if has_dcraw:
        goals.append(at_most(0.9, medians.ratio(full, to="dcraw, full develop (AHD)"), goal=develop_goal))
    else:
        goals.append(Goal(goal=develop_goal, measured="not measured: dcraw is not installed", holds=False))
    return Result(tables=[table], goals=goals)


def _developed(data: bytes, *, method: DevelopmentMethod) -> Image.Image:
    return develop(data, size=WHOLE, development=Development(method=method))


def _preview(data: bytes) -> object:
    with rawpy.imread(BytesIO(data)) as raw:
        return raw.extract_thumb().data


def _output(command: tuple[str, ...]) -> bytes:
    return subprocess.run(command, capture_output=True, check=True).stdout  # noqa: S603


if __name__ == "__main__":
    show(measure)
