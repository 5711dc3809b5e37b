"""Encoding one picture of 1280 pixels, at a quality and to a target similarity: `python -m bench.encoders`."""

from functools import partial
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

from PIL import Image

from bench import vips
from bench.photographs import photograph_24_mp
from bench.results import Result, Table
from bench.rounds import take_turns, timed
from bench.sharp import Sharp
from bench.show import show
from bench.similarity import luma, similarity
from imagekit.rendering.encode import encode
from imagekit.rendering.quality import encode_to_target
from imagekit.rendering.ssim import ssim
from safelight_contracts.image_types import ImageType
from safelight_contracts.renditions import Ssim

SIZE = (1280, 853)
TARGETS = (0.92, 0.95, 0.97, 0.99)
TOLERANCE = 0.005
ENGINE_TYPES = (ImageType.JPEG, ImageType.WEBP, ImageType.AVIF)
# The other libraries with a format and, where Safelight's quality is 80, the same quality.
PILLOW = {
    "Pillow, JPEG q80": ("JPEG", {"quality": 80}),
    "Pillow, WebP q80": ("WEBP", {"quality": 80}),
    "Pillow, AVIF q60 speed 8": ("AVIF", {"quality": 60, "speed": 8}),
    "Pillow, AVIF q60": ("AVIF", {"quality": 60}),
}
VIPS = {
    "pyvips, JPEG q80": (".jpg", {"Q": 80}),
    "pyvips, WebP q80": (".webp", {"Q": 80}),
}
SHARP = {
    "sharp, JPEG q80": ("jpeg", {"quality": 80}),
    "sharp, JPEG q80 by mozjpeg": ("jpeg", {"quality": 80, "mozjpeg": True}),
    "sharp, WebP q80": ("webp", {"quality": 80}),
    "sharp, AVIF": ("avif", {}),
}


def measure(*, rounds: int) -> Result:
    """Compare encoders, and the cost of reaching a target similarity."""
    whole = Image.open(BytesIO(photograph_24_mp()))
    picture = whole.resize(SIZE, Image.Resampling.LANCZOS)
    return Result(
        tables=[_qualities(picture, rounds=min(rounds, 5)), _targets(picture, rounds=min(rounds, 3))], goals=[]
    )


def _qualities(picture: Image.Image, *, rounds: int) -> Table:
    samples = picture.tobytes()
    width, height = picture.size
    makers = {f"Safelight, {one}": partial(encode, picture, image_type=one) for one in ENGINE_TYPES}
    makers |= {way: partial(_by_pillow, picture, form, options) for way, (form, options) in PILLOW.items()}
    makers |= {
        way: partial(vips.encode, picture, suffix=suffix, options=options) for way, (suffix, options) in VIPS.items()
    }
    with TemporaryDirectory() as name, Sharp() as sharp:
        file = Path(name) / "samples"
        file.write_bytes(samples)
        raw = {"width": width, "height": height, "channels": 3}
        jobs = {way: {"raw": raw, "format": form, "options": options} for way, (form, options) in SHARP.items()}
        ways = {way: timed(make) for way, make in makers.items()}
        ways |= {way: sharp.way("encode", file=file, job=job) for way, job in jobs.items()}
        medians = take_turns(ways, rounds=rounds)
        files = {way: make() for way, make in makers.items()}
        files |= {way: sharp.made("encode", file=file, folder=Path(name), job=job)[0] for way, job in jobs.items()}
    truth = luma(picture)
    fastest = next(iter(makers))
    return Table(
        title="Encoding one picture of 1280 x 853",
        note="From pixels to a file in memory. Safelight uses its defaults: JPEG q80 progressive, WebP q80 method 2, "
        "AVIF q60 speed 9. The others use their defaults, except for the settings that a row names. Compare sizes "
        "only at equal SSIM, as in the tables of codecs below.",
        columns={"encoder": "", "ms": ".1f", "time / Safelight's JPEG": ".1f", "KB": ".0f", "SSIM": ".4f"},
        rows=[
            (
                way,
                medians.ms(way),
                medians.ratio(way, to=fastest),
                len(files[way]) / 1000,
                similarity(Image.open(BytesIO(files[way])), to=truth),
            )
            for way in ways
        ],
    )


def _by_pillow(picture: Image.Image, image_type: str, options: dict[str, int]) -> bytes:
    file = BytesIO()
    picture.save(file, image_type, **options)
    return file.getvalue()


def _targets(picture: Image.Image, *, rounds: int) -> Table:
    makers = {
        (one, target): partial(
            encode_to_target,
            picture,
            image_type=one,
            target=Ssim(value=target, tolerance=TOLERANCE),
            background="#ffffff",
        )
        for one in ENGINE_TYPES
        for target in TARGETS
    }
    names = {f"{one} {target}": make for (one, target), make in makers.items()}
    medians = take_turns({name: timed(make) for name, make in names.items()}, rounds=rounds)
    grey, truth = picture.convert("L"), luma(picture)
    rows = []
    for name, make in names.items():
        file = make()
        written = Image.open(BytesIO(file))
        rows.append(
            (name, medians.ms(name), len(file) / 1000, ssim(written.convert("L"), grey), similarity(written, to=truth))
        )
    return Table(
        title="Encoding the same picture to a target similarity",
        note=f"The smallest file that reaches an SSIM, within {TOLERANCE}, in at most seven encodes. The engine "
        "computes its own SSIM with windows of 8 x 8 pixels, and aims at it. The last column is the SSIM of the tables "
        "above.",
        columns={"target": "", "ms": ".0f", "KB": ".0f", "the engine's SSIM": ".4f", "SSIM": ".4f"},
        rows=rows,
    )


if __name__ == "__main__":
    show(measure)
