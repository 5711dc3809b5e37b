"""Which changes an invisible watermark survives, and how much it changes a picture, compared with other libraries.

Run it from the root as `python bench/watermarks.py`. It prints the tables of docs/watermarks.md, or one of them by
name. The photographs are scikit-image's, scaled to each size. Every photograph gets each of the marks. Another library
is measured if it can be imported: run `pip install --no-deps --target DIR blind-watermark invisible-watermark
pywavelets`, and add DIR to PYTHONPATH. (invisible-watermark imports PyTorch for a method that is not measured. If
PyTorch is missing, an empty module replaces it.)
"""

import argparse
import importlib
import importlib.util
import sys
import types
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import skimage.data
from PIL import Image

sys.path.insert(0, str(Path(__file__).parent.parent / "lambdas"))

from imagekit.rendering.ssim import ssim
from imagekit.watermarks.invisible import mark_invisibly, read_mark

PHOTOGRAPHS = ("astronaut.png", "coffee.png", "chelsea.png", "rocket.jpg", "retina.jpg", "hubble_deep_field.jpg")
MARKS = ("IMG-0042", "~z9|Qx7!")
SIDES = (960, 640, 480, 400, 320)
PEERS_PHOTOGRAPHS = PHOTOGRAPHS[:3]
PEERS_SIDE = 480
UNMARKED_READS = 1_000


@dataclass(frozen=True, kw_only=True)
class Scheme:
    """A method to write a mark of eight bytes, and to read it at the size at which it was written."""

    name: str
    write: Callable[[Image.Image, str], Image.Image]
    read: Callable[[Image.Image], str | None]
    needs_size: bool = False


def compressed(image_type: str, quality: int) -> Callable[[Image.Image], Image.Image]:
    """Write and read a file with Pillow."""

    def compress(picture: Image.Image) -> Image.Image:
        file = BytesIO()
        picture.save(file, image_type, quality=quality)
        return Image.open(file).convert("RGB")

    return compress


def halved(picture: Image.Image) -> Image.Image:
    """Scale to half the size by Lanczos."""
    return picture.resize((picture.width // 2, picture.height // 2), Image.Resampling.LANCZOS)


def one_after_the_other(*changes: Callable[[Image.Image], Image.Image]) -> Callable[[Image.Image], Image.Image]:
    """Make several changes."""

    def change(picture: Image.Image) -> Image.Image:
        for each in changes:
            picture = each(picture)
        return picture

    return change


JPEG_75 = compressed("JPEG", 75)
CHANGES: dict[str, Callable[[Image.Image], Image.Image]] = {
    "nothing": lambda picture: picture,
    "JPEG q75": JPEG_75,
    "halved": halved,
    "JPEG q75, halved": one_after_the_other(JPEG_75, halved),
    "JPEG q75, halved, JPEG q75": one_after_the_other(JPEG_75, halved, JPEG_75),
    "WebP q80": compressed("WEBP", 80),
    "AVIF q60": compressed("AVIF", 60),
    "JPEG q50": compressed("JPEG", 50),
    "JPEG q30": compressed("JPEG", 30),
    "quartered": one_after_the_other(halved, halved),
}


def photographs(*names: str, shorter_side: int) -> Iterator[Image.Image]:
    """Read photographs at a size."""
    for name in names:
        picture = Image.open(Path(skimage.data.__file__).parent / name).convert("RGB")
        scale = shorter_side / min(picture.size)
        size = (round(scale * picture.width), round(scale * picture.height))
        yield picture.resize(size, Image.Resampling.LANCZOS)


def to_bgr(picture: Image.Image) -> Any:
    """Convert a picture to OpenCV's format."""
    return np.asarray(picture)[:, :, ::-1].copy()


def from_bgr(pixels: Any) -> Image.Image:
    """Convert a picture from OpenCV's format."""
    return Image.fromarray(np.clip(np.round(pixels), 0, 255).astype(np.uint8)[:, :, ::-1].copy())


def blind_watermark() -> Scheme:
    """PyPI's blind-watermark."""
    library: Any = importlib.import_module("blind_watermark")
    library.bw_notes.close()

    def write(picture: Image.Image, mark: str) -> Image.Image:
        watermark = library.WaterMark(password_img=1, password_wm=1)
        watermark.read_img(img=to_bgr(picture))
        watermark.read_wm(np.unpackbits(np.frombuffer(mark.ljust(8).encode(), np.uint8)).astype(bool), mode="bit")
        return from_bgr(watermark.embed())

    def read(picture: Image.Image) -> str | None:
        watermark = library.WaterMark(password_img=1, password_wm=1)
        bits = watermark.extract(embed_img=to_bgr(picture), wm_shape=64, mode="bit")
        return np.packbits(np.asarray(bits) > 0.5).tobytes().decode("latin-1").rstrip()

    return Scheme(name="blind-watermark", write=write, read=read, needs_size=True)


def invisible_watermark(method: str) -> Scheme:
    """PyPI's invisible-watermark, with one of its methods that do not need PyTorch."""
    if "torch" not in sys.modules and importlib.util.find_spec("torch") is None:
        sys.modules["torch"] = types.ModuleType("torch")
    library: Any = importlib.import_module("imwatermark")

    def write(picture: Image.Image, mark: str) -> Image.Image:
        encoder = library.WatermarkEncoder()
        encoder.set_watermark("bytes", mark.ljust(8).encode())
        return from_bgr(encoder.encode(to_bgr(picture), method))

    def read(picture: Image.Image) -> str | None:
        decoder = library.WatermarkDecoder("bytes", 64)
        decoded: bytes = decoder.decode(to_bgr(picture), method)
        return decoded.decode("latin-1").rstrip()

    return Scheme(name=f"invisible-watermark {method}", write=write, read=read, needs_size=True)


OWN = Scheme(name="Safelight", write=lambda picture, mark: mark_invisibly(picture, mark=mark), read=read_mark)


def peers() -> list[Scheme]:
    """Return the libraries that can be imported."""
    found = []
    if importlib.util.find_spec("blind_watermark"):
        found.append(blind_watermark())
    if importlib.util.find_spec("imwatermark"):
        found += [invisible_watermark("dwtDct"), invisible_watermark("dwtDctSvd")]
    return found


def measure(scheme: Scheme, *, names: Sequence[str], side: int, marks: Sequence[str]) -> tuple[list[str], list[str]]:
    """Return the cells of a row of each table: the percentage read back, and the similarity."""
    survived = dict.fromkeys(CHANGES, 0)
    likenesses = []
    count = 0
    for picture in photographs(*names, shorter_side=side):
        for mark in marks:
            count += 1
            marked = scheme.write(picture, mark)
            likenesses.append(ssim(picture.convert("L"), marked.convert("L")))
            for name, change in CHANGES.items():
                changed = change(marked)
                # Libraries that find their blocks by the size need the original size.
                given = changed.resize(marked.size, Image.Resampling.LANCZOS) if scheme.needs_size else changed
                survived[name] += scheme.read(given) == mark
    counts = [f"{100 * found / count:.0f}" for found in survived.values()]
    return counts, [f"{min(likenesses):.3f}", f"{median(likenesses):.3f}"]


def row(*cells: object) -> None:
    """Print a row of a table."""
    print("| " + " | ".join(map(str, cells)) + " |")


def print_tables(rows: list[tuple[str, list[str], list[str]]], *, first: str) -> None:
    """Print the percentage of marks that survived, and the similarity to the original picture."""
    row(first, *CHANGES)
    row("---", *["---:"] * len(CHANGES))
    for name, counts, _ in rows:
        row(name, *counts)
    print()
    row(first, "least SSIM", "median SSIM")
    row("---", "---:", "---:")
    for name, _, likenesses in rows:
        row(name, *likenesses)
    print()


def wrong_reads() -> int:
    """Count the marks that are read in pictures without one: noise, and randomly cropped photographs."""
    chance = np.random.default_rng(4)
    sources = list(photographs(*PHOTOGRAPHS, shorter_side=480))
    read = 0
    for number in range(UNMARKED_READS):
        if number % 2:
            noise = chance.integers(0, 256, (160, 160, 3), np.uint8)
            picture = Image.fromarray(noise)
        else:
            source = sources[number // 2 % len(sources)]
            left, top = (int(chance.integers(0, side // 2)) for side in source.size)
            picture = source.crop((left, top, left + source.width // 2, top + source.height // 2))
        read += read_mark(picture) is not None
    return read


def print_own() -> None:
    """Measure Safelight's watermark at each size."""
    print(f"{len(PHOTOGRAPHS)} photographs, {len(MARKS)} marks: percent read back, by pixels of the shorter side\n")
    print_tables(
        [(str(side), *measure(OWN, names=PHOTOGRAPHS, side=side, marks=MARKS)) for side in SIDES], first="pixels"
    )


def print_peers() -> None:
    """Measure all libraries at one size."""
    print(f"{len(PEERS_PHOTOGRAPHS)} photographs, 1 mark, {PEERS_SIDE} pixels: percent read back\n")
    compared = [
        (one.name, *measure(one, names=PEERS_PHOTOGRAPHS, side=PEERS_SIDE, marks=MARKS[:1])) for one in (OWN, *peers())
    ]
    print_tables(compared, first="library")


def print_unmarked() -> None:
    """Print how many marks are read in pictures without one."""
    print(f"Without a mark: {wrong_reads()} marks read in {UNMARKED_READS:,} pictures")


TABLES = {"own": print_own, "peers": print_peers, "unmarked": print_unmarked}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tables", nargs="*", metavar="TABLE", help=f"any of {', '.join(TABLES)}. Default: all")
    chosen = parser.parse_args().tables or list(TABLES)
    for name in chosen:
        if name not in TABLES:
            parser.error(f"unknown table {name!r}. Choose from {', '.join(TABLES)}")
        TABLES[name]()


if __name__ == "__main__":
    main()
