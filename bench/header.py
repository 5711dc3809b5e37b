"""Reading a header: `python -m bench.header`."""

from collections.abc import Callable
from functools import partial
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

from PIL import Image

from bench import vips
from bench.photographs import photograph_24_mp, real_jpegs
from bench.results import Goal, Result, Table, at_least
from bench.rounds import Way, take_turns, timed
from bench.sharp import Sharp
from bench.show import show
from imagekit.formats.inspection import inspect_header
from imagekit.source import FIRST_FETCH_BYTES, BytesSource, FetchedSource

# Repetitions of an operation that takes microseconds.
TIMES = 100
SHARE_IN_ONE_GET = 0.95
MOST_MOVED = 131_072
TIMES_FASTER = 500


def measure(*, rounds: int) -> Result:
    """Compare ways to read a header, and count the requests of the engine for real files."""
    times, faster = _times(rounds=rounds)
    requests, few = _requests()
    return Result(tables=[times, requests, _long_headers()], goals=[*few, faster])


def _times(*, rounds: int) -> tuple[Table, Goal]:
    data = photograph_24_mp()
    decode, engine = "Pillow, full decode", "Safelight"
    with TemporaryDirectory() as folder, Sharp() as sharp:
        file = Path(folder) / "photograph.jpg"
        file.write_bytes(data)
        ways = {
            decode: timed(lambda: Image.open(BytesIO(data)).load()),
            engine: _often(partial(inspect_header, BytesSource(data))),
            "Pillow, open": _often(lambda: Image.open(BytesIO(data))),
            "Pillow, open and EXIF": _often(lambda: Image.open(BytesIO(data)).getexif()),
            "pyvips": _often(partial(vips.read_header, data)),
            "sharp, metadata": sharp.way("header", file=file, job={}),
        }
        medians = take_turns(ways, rounds=rounds)
    table = Table(
        title="Header of a 24 MP JPEG",
        note="All files are in memory. Safelight also reads the EXIF data, which Pillow reads only on request.",
        columns={"way": "", "us": ",.0f", "times faster than a decode": ",.0f"},
        rows=[(way, 1000 * medians.ms(way), medians.ratio(decode, to=way)) for way in ways],
    )
    goal = "header: 500 times faster than a full decode"
    return table, at_least(TIMES_FASTER, medians.ratio(decode, to=engine), goal=goal, digits=0)


def _often(do: Callable[[], object]) -> Way:
    def way() -> float:
        return timed(lambda: [do() for _ in range(TIMES)])() / TIMES

    return way


def _requests() -> tuple[Table, list[Goal]]:
    files = real_jpegs()
    fetched = {name: _fetched(data) for name, data in files.items()}
    facts = (inspect_header(BytesSource(data)).photo_metadata for data in files.values())
    cameras = {one.camera for one in facts if one is not None and one.camera is not None}
    larger = {name: source for name, source in fetched.items() if source.size > FIRST_FETCH_BYTES}
    rows = []
    for title, sources in (("all", fetched), ("larger than one GET", larger)):
        gets = sorted(source.fetches for source in sources.values())
        moved = sorted(source.fetched_bytes for source in sources.values())
        at_95 = int(SHARE_IN_ONE_GET * (len(moved) - 1))
        one = gets.count(1) / len(gets)
        rows.append((title, float(len(gets)), one, moved[at_95] / 1024, moved[-1] / 1024))
    table = Table(
        title="GETs for the headers of real JPEGs",
        note=f"The first GET requests {FIRST_FETCH_BYTES // 1024} KB. The files are all JPEGs of four npm packages and "
        f"of scikit-image: photographs of {len(cameras)} cameras and telephones, and files that programs wrote. The "
        "sample is small, so a share of 95 % is only a rough value.",
        columns={
            "files": "",
            "count": ".0f",
            "with one GET": ".0%",
            "KB read, 95th percentile": ".0f",
            "KB read, maximum": ".0f",
        },
        rows=rows,
    )
    _, _, share, at_95_kb, _ = rows[-1]
    return table, [
        Goal(
            goal="header: one GET for 95 % of JPEGs",
            measured=f"{share:.0%} of {len(larger)} files that are larger than one GET",
            holds=share >= SHARE_IN_ONE_GET,
        ),
        Goal(
            goal="header: at most 128 KB read for these",
            measured=f"{at_95_kb:.0f} KB",
            holds=at_95_kb * 1024 <= MOST_MOVED,
        ),
    ]


def _long_headers() -> Table:
    rows = []
    for kilobytes in (0, 60, 120, 250, 660):
        source = _fetched(_with_long_header(photograph_24_mp(), kilobytes=kilobytes))
        rows.append((f"{kilobytes} KB more", float(source.fetches), source.fetched_bytes / 1024))
    return Table(
        title="GETs for long headers",
        note="The photograph of 24 megapixels, whose header has 47 KB, with more application segments inserted before "
        "its image. Previews and maker notes are as long.",
        columns={"header": "", "GETs": ".0f", "KB read": ",.0f"},
        rows=rows,
    )


def _with_long_header(data: bytes, *, kilobytes: int) -> bytes:
    segments = b"".join(
        b"\xff\xed" + (length + 2).to_bytes(2, "big") + bytes(length)
        for length in [32_000] * (kilobytes * 1024 // 32_000) + [kilobytes * 1024 % 32_000]
    )
    return data[:2] + segments + data[2:]


def _fetched(data: bytes) -> FetchedSource:
    source = FetchedSource(lambda offset, length: data[offset : offset + length], size=len(data))
    inspect_header(source)
    return source


if __name__ == "__main__":
    show(measure)
