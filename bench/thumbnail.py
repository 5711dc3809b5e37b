"""A thumbnail of 400 pixels of a JPEG of 24 megapixels, and its limits: `python -m bench.thumbnail`."""

from collections.abc import Callable
from functools import partial

from PIL import Image

from bench.photographs import photograph_24_mp
from bench.resizing import by_engine, by_opencv, full_decode, scaled_decode
from bench.results import Result, Table, at_least, at_most
from bench.rounds import take_turns, timed
from bench.show import show
from bench.similarity import reference, similarity

WIDTH = 400

LIMIT = "limit: decode at 1/8 only"
LIMIT_AT_FULL_SIZE = "limit without scaling on load: full decode only"
ENGINE = "Safelight"
OPENCV = "OpenCV, reduced decode and area averaging"


def measure(*, rounds: int) -> Result:
    """Compare ways to make the pixels of a thumbnail. Nothing is encoded."""
    data = photograph_24_mp()
    makers: dict[str, Callable[[], Image.Image]] = {
        ENGINE: lambda: by_engine(data, widths=[WIDTH])[0],
        OPENCV: partial(by_opencv, data, width=WIDTH),
    }
    limits = {LIMIT: partial(scaled_decode, data, width=WIDTH), LIMIT_AT_FULL_SIZE: partial(full_decode, data)}
    medians = take_turns({way: timed(make) for way, make in (limits | makers).items()}, rounds=rounds)
    pictures = {way: make() for way, make in makers.items()}
    alike = {way: similarity(picture, to=reference(data, size=picture.size)) for way, picture in pictures.items()}
    return Result(
        tables=[
            Table(
                title=f"Thumbnail of {WIDTH} px, of a 24 MP JPEG",
                note="From the file in memory to pixels in memory. Safelight does not scale on load, so its own limit "
                "is the full decode. Pillow decodes for both limits.",
                columns={
                    "way": "",
                    "ms": ".1f",
                    "time / limit": ".2f",
                    "time / limit without scaling on load": ".2f",
                    "SSIM": ".4f",
                },
                rows=[
                    (
                        way,
                        medians.ms(way),
                        medians.ratio(way, to=LIMIT),
                        medians.ratio(way, to=LIMIT_AT_FULL_SIZE),
                        alike.get(way),
                    )
                    for way in (*limits, *makers)
                ],
            )
        ],
        goals=[
            at_most(1.1, medians.ratio(ENGINE, to=LIMIT), goal="thumbnail: at most 1.1 times the limit's time"),
            at_least(0.99, alike[ENGINE], goal="thumbnail: SSIM at least .99 before encoding", digits=4),
        ],
    )


if __name__ == "__main__":
    show(measure)
