"""A thumbnail of 400 pixels of a JPEG of 24 megapixels: `python -m bench.thumbnail`."""

from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from bench import vips
from bench.photographs import photograph_24_mp
from bench.resizing import by_engine, by_naive_pillow, by_opencv, scaled_decode
from bench.results import Result, Table, at_least, at_most
from bench.rounds import take_turns, timed
from bench.sharp import Sharp
from bench.show import show
from bench.similarity import reference, similarity

WIDTH = 400


def measure(*, rounds: int) -> Result:
    """Compare ways to make the pixels of a thumbnail. Nothing is encoded."""
    data = photograph_24_mp()
    widths = [WIDTH]
    with TemporaryDirectory() as folder, Sharp() as sharp:
        file = Path(folder) / "photograph.jpg"
        file.write_bytes(data)
        ways = {
            "limit: decode at 1/8 only": timed(partial(scaled_decode, data, width=WIDTH)),
            "Pillow, naive": timed(partial(by_naive_pillow, data, widths=widths)),
            "Safelight": timed(partial(by_engine, data, widths=widths)),
            "pyvips": timed(partial(vips.cascade, data, widths=widths)),
            "sharp": sharp.way("pictures", file=file, job={"widths": widths}),
            "OpenCV, reduced decode and area averaging": timed(partial(by_opencv, data, width=WIDTH)),
        }
        medians = take_turns(ways, rounds=rounds)
        (by_sharp,) = sharp.pictures("pictures", file=file, folder=Path(folder), widths=widths)
    limit, naive, engine = list(ways)[:3]
    pictures = {
        naive: by_naive_pillow(data, widths=widths)[0],
        engine: by_engine(data, widths=widths)[0],
        "pyvips": vips.as_pillow(vips.cascade(data, widths=widths)[0]),
        "sharp": by_sharp,
        "OpenCV, reduced decode and area averaging": by_opencv(data, width=WIDTH),
    }
    alike = {way: similarity(picture, to=reference(data, size=picture.size)) for way, picture in pictures.items()}
    return Result(
        tables=[
            Table(
                title="Thumbnail of 400 px, of a 24 MP JPEG",
                note="From the file in memory to pixels in memory.",
                columns={"way": "", "ms": ".1f", "speedup over naive": ".2f", "time / limit": ".2f", "SSIM": ".4f"},
                rows=[
                    (
                        way,
                        medians.ms(way),
                        medians.ratio(naive, to=way),
                        medians.ratio(way, to=limit),
                        alike.get(way),
                    )
                    for way in ways
                ],
            )
        ],
        goals=[
            at_most(1.3, medians.ratio(engine, to=limit), goal="thumbnail: at most 1.3 times the limit's time"),
            at_least(0.99, alike[engine], goal="thumbnail: SSIM at least .99 before encoding", digits=4),
        ],
    )


if __name__ == "__main__":
    show(measure)
