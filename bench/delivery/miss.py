"""An image that is not stored yet, from the file to the delivered file: `python -m bench.delivery.miss`."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

from PIL import Image

from bench.photographs import photograph_12_mp, photograph_24_mp, written_again
from bench.results import Goal, Result, Table
from bench.rounds import Medians, take_turns, timed
from bench.sharp import Job, Sharp
from bench.show import show
from bench.similarity import reference, similarity
from imagekit.decoding.limits import inspect
from imagekit.operations.delivered import DeliveredImage, EncodedImage
from imagekit.operations.make import make_image
from safelight_contracts.delivery.accept import AcceptedType
from safelight_contracts.delivery.operations import ImagePlan, Output
from safelight_contracts.delivery.shaping import Resize
from safelight_contracts.image_types import ImageType
from safelight_contracts.limits import Limits

WIDTHS = (320, 640, 1280)
MAX_ROUNDS = 5
ENGINE, SHARP = "Safelight", "sharp"

SOURCES: Mapping[str, Callable[[], bytes]] = {
    "24 MP JPEG": photograph_24_mp,
    "12 MP JPEG": photograph_12_mp,
    "12 MP PNG": lambda: written_again(photograph_12_mp(), "PNG"),
    "12 MP WebP": lambda: written_again(photograph_12_mp(), "WEBP", quality=90),
}


@dataclass(frozen=True, kw_only=True)
class _Target:
    """A type that is delivered: our plan's output, and sharp's options for the same SSIM."""

    output: Output
    name: str
    options: Mapping[str, object]


# sharp's own defaults. Its AVIF of quality 50 and 4:4:4 is about as similar as ours of quality 53 and 4:2:0.
TARGETS = {
    "JPEG": _Target(output=Output(type=ImageType.JPEG), name="jpeg", options={"quality": 80}),
    "WebP": _Target(output=Output(type=ImageType.WEBP), name="webp", options={"quality": 80}),
    "AVIF": _Target(output=Output(type=ImageType.AVIF, quality=53), name="avif", options={"quality": 50}),
}


@dataclass(frozen=True, kw_only=True)
class _Measured:
    """One source at one width as one type. Each mapping is by the name of the method."""

    medians: Medians
    bytes: Mapping[str, int]
    alike: Mapping[str, float]

    @property
    def time(self) -> float:
        """Safelight's time divided by sharp's."""
        return self.medians.ratio(ENGINE, to=SHARP)


_Case = tuple[str, str, int]


def measure(*, rounds: int) -> Result:
    """Compare how long a miss takes, by source, type and width."""
    measured: dict[_Case, _Measured] = {}
    for source, read in SOURCES.items():
        data = read()
        with TemporaryDirectory() as name, Sharp() as sharp:
            file = Path(name) / "source"
            file.write_bytes(data)
            for kind, target in TARGETS.items():
                for width in WIDTHS:
                    measured[source, kind, width] = _measure_one(
                        file, target=target, width=width, sharp=sharp, rounds=min(rounds, MAX_ROUNDS)
                    )
    return Result(tables=[_table(measured)], goals=[_goal(measured, kind=kind) for kind in TARGETS])


def deliver(data: bytes, *, width: int, output: Output) -> DeliveredImage:
    """Do what a function does with a file of the source's bucket, without the worker."""
    plan = ImagePlan(operations=(Resize(width=width),), output=output)
    source = EncodedImage(data=data, header=inspect(data, limits=Limits()))
    return make_image(source, plan=plan, accepted=AcceptedType.PLAIN)


def _measure_one(file: Path, *, target: _Target, width: int, sharp: Sharp, rounds: int) -> _Measured:
    data = file.read_bytes()
    job: Job = {"width": width, "format": target.name, "options": target.options}
    make = partial(deliver, data, width=width, output=target.output)
    medians = take_turns({ENGINE: timed(make), SHARP: sharp.way("miss", file=file, job=job)}, rounds=rounds)
    (by_sharp,) = sharp.made("miss", file=file, folder=file.parent, job=job)
    files = {ENGINE: make().data, SHARP: by_sharp}
    return _Measured(
        medians=medians,
        bytes={way: len(made) for way, made in files.items()},
        alike={way: _similarity(made, data=data) for way, made in files.items()},
    )


def _similarity(made: bytes, *, data: bytes) -> float:
    image = Image.open(BytesIO(made)).convert("RGB")
    return similarity(image, to=reference(data, size=image.size))


def _table(measured: Mapping[_Case, _Measured]) -> Table:
    return Table(
        title="A miss of delivery",
        note="From the file in memory to the delivered file in memory: processor time on one core. Both scale while "
        "they decode. sharp has its own defaults. AVIF has qualities of about the same SSIM: 53 here, 50 of sharp.",
        columns={"source": "", "type": "", "width": "", "ms": ".0f", "ms, sharp": ".0f", "time / sharp's": ".2f"}
        | {"bytes": ",", "bytes, sharp": ",", "SSIM": ".4f", "SSIM, sharp": ".4f"},
        rows=[
            (
                *(source, kind, str(width)),
                *(one.medians.ms(ENGINE), one.medians.ms(SHARP), one.time),
                *(one.bytes[ENGINE], one.bytes[SHARP]),
                *(one.alike[ENGINE], one.alike[SHARP]),
            )
            for (source, kind, width), one in measured.items()
        ],
    )


def _goal(measured: Mapping[_Case, _Measured], *, kind: str) -> Goal:
    ours = [one for (_, of_kind, _), one in measured.items() if of_kind == kind]
    times = [one.time for one in ours]
    sizes = [one.bytes[ENGINE] / one.bytes[SHARP] for one in ours]
    losses = [one.alike[SHARP] - one.alike[ENGINE] for one in ours]
    return Goal(
        goal=f"A miss as {kind}: at most sharp's time and bytes, at an SSIM within .003",
        measured=f"time up to {max(times):.2f}, bytes up to {max(sizes):.3f}, SSIM {-max(losses):+.4f} or more",
        holds=max(times) <= 1 and round(max(sizes), 2) <= 1 and max(losses) <= 0.003,
    )


if __name__ == "__main__":
    show(measure)
