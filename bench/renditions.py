"""The set of renditions of one JPEG, as pixels and as files: `python -m bench.renditions`."""

from functools import partial
from io import BytesIO
from pathlib import Path
from statistics import fmean
from tempfile import TemporaryDirectory

from PIL import Image

from bench import vips
from bench.photographs import photograph_12_mp, photograph_24_mp
from bench.resizing import (
    by_engine,
    by_naive_pillow,
    files_by_engine,
    files_by_naive_pillow,
    scaled_decode,
)
from bench.results import Goal, Result, Table, at_least, at_most
from bench.rounds import take_turns, timed
from bench.sharp import Sharp
from bench.show import show
from bench.similarity import reference, similarity

WIDTHS = (2048, 1280, 640, 320)
# The widths of the default renditions. The largest can be decoded at half the size of a telephone's photograph.
DEFAULT_WIDTHS = (1920, 1280, 640, 320)

NAIVE = "Pillow, naive, once per rendition"
ENGINE = "Safelight"
VIPS = "pyvips, cascade"
SHARP = "sharp, one call per rendition"
SHARP_CASCADE = "sharp, cascade"


def measure(*, rounds: int) -> Result:
    """Compare ways to make a set of renditions."""
    pixels, goals = _pixels(rounds=rounds)
    return Result(tables=[pixels, _files(rounds=rounds), _widest(rounds=rounds)], goals=goals)


def _pixels(*, rounds: int) -> tuple[Table, list[Goal]]:
    data = photograph_24_mp()
    with TemporaryDirectory() as name, Sharp() as sharp:
        folder = Path(name)
        file = folder / "photograph.jpg"
        file.write_bytes(data)
        limit = "scaled decode only"
        ways = {
            NAIVE: timed(partial(by_naive_pillow, data, widths=WIDTHS)),
            ENGINE: timed(partial(by_engine, data, widths=WIDTHS)),
            VIPS: timed(partial(vips.cascade, data, widths=WIDTHS)),
            SHARP: sharp.way("pictures", file=file, job={"widths": WIDTHS}),
            SHARP_CASCADE: sharp.way("cascade", file=file, job={"widths": WIDTHS}),
            limit: timed(partial(scaled_decode, data, width=WIDTHS[0])),
        }
        medians = take_turns(ways, rounds=rounds)
        made_by_sharp = {
            way: sharp.pictures(job, file=file, folder=folder, widths=WIDTHS)
            for way, job in ((SHARP, "pictures"), (SHARP_CASCADE, "cascade"))
        }
    pictures = made_by_sharp | {
        NAIVE: by_naive_pillow(data, widths=WIDTHS),
        ENGINE: by_engine(data, widths=WIDTHS),
        VIPS: [vips.as_pillow(picture) for picture in vips.cascade(data, widths=WIDTHS)],
    }
    alike = {
        way: [similarity(picture, to=reference(data, size=picture.size)) for picture in made]
        for way, made in pictures.items()
    }
    table = Table(
        title="Set of 2048, 1280, 640 and 320 px, of a 24 MP JPEG",
        note="From the file in memory to pixels in memory.",
        columns={"way": "", "ms": ".0f", "speedup over naive": ".2f", "time / sharp, one call per rendition": ".2f"}
        | {f"SSIM {width}": ".4f" for width in WIDTHS},
        rows=[
            (
                way,
                medians.ms(way),
                medians.ratio(NAIVE, to=way),
                medians.ratio(way, to=SHARP),
                *alike.get(way, [None] * len(WIDTHS)),
            )
            for way in ways
        ],
    )
    return table, [
        at_least(4, medians.ratio(NAIVE, to=ENGINE), goal="set of four: at least 4 times as fast as naive Pillow"),
        at_most(1.3, medians.ratio(ENGINE, to=VIPS), goal="set of four: at most 1.3 times the time of pyvips' cascade"),
        at_most(1, medians.ratio(ENGINE, to=SHARP), goal="set of four: faster than sharp, one call per rendition"),
        at_least(0.99, min(alike[ENGINE]), goal="set of four: SSIM of each at least .99 before encoding", digits=4),
    ]


def _files(*, rounds: int) -> Table:
    data = photograph_24_mp()
    with TemporaryDirectory() as name, Sharp() as sharp:
        folder = Path(name)
        file = folder / "photograph.jpg"
        file.write_bytes(data)
        ways = {
            NAIVE: timed(partial(files_by_naive_pillow, data, widths=WIDTHS)),
            ENGINE: timed(partial(files_by_engine, data, widths=WIDTHS)),
            VIPS: timed(partial(vips.cascade_files, data, widths=WIDTHS)),
            SHARP: sharp.way("files", file=file, job={"widths": WIDTHS}),
        }
        medians = take_turns(ways, rounds=rounds)
        files = {
            NAIVE: files_by_naive_pillow(data, widths=WIDTHS),
            ENGINE: files_by_engine(data, widths=WIDTHS),
            VIPS: vips.cascade_files(data, widths=WIDTHS),
            SHARP: sharp.made("files", file=file, folder=folder, count=len(WIDTHS), job={"widths": WIDTHS}),
        }
    return Table(
        title="The same set as JPEGs of quality 80",
        note="From file to files in memory. Safelight's files are progressive, with optimized Huffman tables. The "
        "others use their defaults at the same quality. SSIM is the mean of the four.",
        columns={"way": "", "ms": ".0f", "speedup over naive": ".2f", "KB of all four": ".0f", "SSIM": ".4f"},
        rows=[
            (
                way,
                medians.ms(way),
                medians.ratio(NAIVE, to=way),
                sum(map(len, files[way])) / 1000,
                fmean(_likeness_of_file(one, whole=data) for one in files[way]),
            )
            for way in ways
        ],
    )


def _likeness_of_file(file: bytes, *, whole: bytes) -> float:
    picture = Image.open(BytesIO(file))
    return similarity(picture, to=reference(whole, size=picture.size))


def _widest(*, rounds: int) -> Table:
    data = photograph_12_mp()
    half, whole = (f"{widths[0]} px and smaller" for widths in (DEFAULT_WIDTHS, WIDTHS))
    sets = {half: DEFAULT_WIDTHS, whole: WIDTHS}
    medians = take_turns(
        {way: timed(partial(by_engine, data, widths=widths)) for way, widths in sets.items()}, rounds=rounds
    )
    pictures = {way: by_engine(data, widths=widths) for way, widths in sets.items()}
    return Table(
        title="Why the largest default rendition has 1920 px",
        note="The set of four by Safelight, for a JPEG of 4032 x 3024, the size that telephones write. Half of 4032 is "
        "enough for 1920, but not for 2048. SSIM is the minimum of the four.",
        columns={"largest": "", "ms": ".0f", "time / larger": ".2f", "SSIM": ".4f"},
        rows=[
            (
                way,
                medians.ms(way),
                medians.ratio(way, to=whole),
                min(similarity(picture, to=reference(data, size=picture.size)) for picture in pictures[way]),
            )
            for way in sets
        ],
    )


if __name__ == "__main__":
    show(measure)
