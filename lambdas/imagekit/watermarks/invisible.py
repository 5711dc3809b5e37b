"""The invisible mark: eight characters in the brightness of a picture, readable after compression and scaling.

The method is spread spectrum watermarking (Cox, Kilian, Leighton and Shamoon, "Secure spread spectrum watermarking for
multimedia", 1997). The writer compensates for the picture's own contribution to what the reader measures, as Malvar and
Florencio do ("Improved spread spectrum", 2003).

The picture is divided into a grid of cells. Their number is the same for every size of picture, so that the reader need
not know the size. Each cell is made a little lighter or darker. Each coded bit is the sum over some forty cells, spread
over the whole picture. The reader measures each cell against its neighbours, relative to how much the cells around it
differ. The writer changes cells in the same proportion: much in a meadow, hardly in a sky.

The module uses Pillow alone, because NumPy would take 50 MB of a function's package. The method is not secret: anybody
who has this file can read a mark and remove it. The mark tells where a picture came from. It proves nothing.
"""

import zlib
from collections.abc import Sequence
from functools import cache
from hashlib import shake_256

from PIL import Image, ImageChops, ImageMath

from imagekit.decoding.color import on_white
from imagekit.watermarks.convolutional_code import add_redundancy, coded_length, most_likely_bits

MAX_CHARACTERS = 8
"""The maximum length of a mark, in printable ASCII characters."""

# More cells would carry more, but would be too small to survive a scaling of 400 pixels to half.
_CELLS = 112
# Cells along the edges carry nothing, because their neighbours are those on the opposite side.
_EDGE = 3
_SIDE = _CELLS + 2 * _EDGE

# How much a cell is changed: this fraction of how much the cells around it differ, between a minimum and a maximum in
# levels of 255. With these values the picture's SSIM stays above 0.98: see docs/watermarks.md.
_PART = 0.35
_LEAST, _MOST = 0.5, 2.5
# Where cells hardly differ, their differences are noise.
_NOISE = 1.0
# An outlier counts for no more than this.
_OUTLIER = 2.0

_PASSES = 3
_GAINS = (0.4, 2.4)

_CHECK_BYTES = 4
_CODED_BITS = coded_length(8 * (MAX_CHARACTERS + _CHECK_BYTES))
_STRIP = 256


def mark_invisibly(picture: Image.Image, *, mark: str) -> Image.Image:
    """Write an invisible mark into a picture.

    `picture`: in mode RGB or RGBA. Transparent parts count as they look on white. The picture itself is not changed.
    `mark`: 1 to 8 printable ASCII characters.

    Returns a picture of the same mode. If its shorter side has at least 400 pixels, the mark survives JPEG of quality
    75 and scaling to half together. A smaller picture is marked too, but its mark survives less.
    """
    changes = _changes(_cells(picture), signs=add_redundancy(_message(mark)))
    marked = picture.copy()
    # Work in strips, because a float takes 4 bytes a pixel.
    for top in range(0, picture.height, _STRIP):
        bottom = min(picture.height, top + _STRIP)
        part = (0, top * _SIDE / picture.height, _SIDE, bottom * _SIDE / picture.height)
        change = changes.resize((picture.width, bottom - top), Image.Resampling.BICUBIC, box=part)
        strip = picture.crop((0, top, picture.width, bottom))
        bands = [_add(band, change) for band in strip.convert("RGB").split()]
        if picture.mode == "RGBA":
            bands.append(strip.getchannel("A"))
        marked.paste(Image.merge(picture.mode, bands), (0, top))
    return marked


def read_mark(picture: Image.Image) -> str | None:
    """Read the invisible mark of a picture.

    `picture`: in mode RGB or RGBA, upright and whole. It may be scaled, but not cropped.

    Returns the mark. None if there is no mark, or too little is left of it. Because of the checksum, a wrong mark is
    read in only one of 2**32 pictures without a mark.
    """
    bits = most_likely_bits(_read_cells(_cells(picture)))
    message = bytes(int("".join(map(str, bits[start : start + 8])), 2) for start in range(0, len(bits), 8))
    characters, check = message[:MAX_CHARACTERS], message[MAX_CHARACTERS:]
    if check != _checksum(characters):
        return None
    return characters.rstrip(b"\0").decode("ascii", errors="replace")


def _message(mark: str) -> list[int]:
    characters = mark.encode("ascii").ljust(MAX_CHARACTERS, b"\0")
    return [byte >> shift & 1 for byte in characters + _checksum(characters) for shift in range(7, -1, -1)]


def _checksum(characters: bytes) -> bytes:
    return zlib.crc32(characters).to_bytes(_CHECK_BYTES, "big")


def _cells(picture: Image.Image) -> Image.Image:
    luma = on_white(picture).convert("L")
    # Reduce to a few times the grid in whole steps first, because a float takes 4 bytes a pixel.
    luma.thumbnail((8 * _SIDE, 8 * _SIDE), Image.Resampling.BOX)
    return luma.convert("F").resize((_SIDE, _SIDE), Image.Resampling.LANCZOS)


def _changes(cells: Image.Image, *, signs: Sequence[int]) -> Image.Image:
    strengths = _carrying(_strengths(cells))
    gains = [1.0] * len(signs)
    for _ in range(_PASSES):
        changes = _as_grid(strengths, signs=signs, gains=gains)
        changed = ImageMath.lambda_eval(lambda of: of["cells"] + of["changes"], cells=cells, changes=changes)
        read = [value * sign for value, sign in zip(_read_cells(changed), signs, strict=True)]
        # The picture's own contribution cancels out in the mean. What it contributes to a bit need not be written.
        mean = max(sum(read) / len(read), _NOISE)
        gains = [min(max(gain + 1 - one / mean, _GAINS[0]), _GAINS[1]) for gain, one in zip(gains, read, strict=True)]
    return _as_grid(strengths, signs=signs, gains=gains)


def _strengths(cells: Image.Image) -> Image.Image:
    difference, _ = _differences(cells)
    squares = ImageMath.lambda_eval(lambda of: of["difference"] * of["difference"], difference=difference)
    least = around = _mean(squares, radius=1)
    # Take the minimum of the neighbourhoods that contain a cell, so that smooth areas beside an edge stay smooth.
    for across, down in ((-1, 0), (1, 0), (0, -1), (0, 1)):
        beside = ImageChops.offset(around, across, down)
        least = ImageMath.lambda_eval(lambda of: of["min"](of["least"], of["beside"]), least=least, beside=beside)
    strengths: Image.Image = ImageMath.lambda_eval(
        lambda of: of["min"](of["max"](of["least"] ** 0.5 * _PART, _LEAST), _MOST), least=least
    )
    return strengths


def _as_grid(strengths: Sequence[float], *, signs: Sequence[int], gains: Sequence[float]) -> Image.Image:
    amounts = [sign * gain for sign, gain in zip(signs, gains, strict=True)]
    inner = Image.new("F", (_CELLS, _CELLS))
    inner.putdata(
        [strength * sign * amounts[bit] for strength, (bit, sign) in zip(strengths, _carriers(), strict=True)]
    )
    grid = Image.new("F", (_SIDE, _SIDE))
    grid.paste(inner, (_EDGE, _EDGE))
    return grid


def _read_cells(cells: Image.Image) -> list[float]:
    difference, activity = _differences(cells)
    relative = ImageMath.lambda_eval(
        lambda of: of["max"](of["min"](of["difference"] / (of["activity"] + _NOISE), _OUTLIER), -_OUTLIER),
        difference=difference,
        activity=activity,
    )
    sums = [0.0] * _CODED_BITS
    for value, (bit, sign) in zip(_carrying(relative), _carriers(), strict=True):
        sums[bit] += sign * value
    return sums


def _differences(cells: Image.Image) -> tuple[Image.Image, Image.Image]:
    # Each cell's difference from the mean of itself and its neighbours, and the root mean square of those around it.
    difference = ImageMath.lambda_eval(lambda of: of["cells"] - of["mean"], cells=cells, mean=_mean(cells, radius=1))
    squares = ImageMath.lambda_eval(lambda of: of["difference"] * of["difference"], difference=difference)
    activity = ImageMath.lambda_eval(lambda of: of["squares"] ** 0.5, squares=_mean(squares, radius=2))
    return difference, activity


def _mean(cells: Image.Image, *, radius: int) -> Image.Image:
    for across, down in ((1, 0), (0, 1)):
        total = cells
        for step in range(1, radius + 1):
            before, after = (ImageChops.offset(cells, across * by, down * by) for by in (-step, step))
            total = ImageMath.lambda_eval(
                lambda of: of["total"] + of["before"] + of["after"], total=total, before=before, after=after
            )
        cells = ImageMath.lambda_eval(lambda of: of["total"] / (2 * radius + 1), total=total)
    return cells


def _carrying(cells: Image.Image) -> list[float]:
    inner = cells.crop((_EDGE, _EDGE, _EDGE + _CELLS, _EDGE + _CELLS))
    return list(memoryview(inner.tobytes()).cast("f"))


@cache
def _carriers() -> list[tuple[int, int]]:
    # For each cell: the coded bit that it carries, and the sign. Order and signs are pseudorandom. They are the same on
    # every machine, and must never change.
    count = _CELLS * _CELLS
    ranks = shake_256(b"safelight: cells").digest(4 * count)
    order = sorted(range(count), key=lambda cell: ranks[4 * cell : 4 * cell + 4])
    signs = shake_256(b"safelight: signs").digest(count)
    carriers = [(0, 0)] * count
    for place, cell in enumerate(order):
        carriers[cell] = place % _CODED_BITS, 1 if signs[cell] & 1 else -1
    return carriers


def _add(band: Image.Image, change: Image.Image) -> Image.Image:
    # The conversion of a float to a byte truncates. It does not round.
    added: Image.Image = ImageMath.lambda_eval(
        lambda of: of["convert"](of["band"] + of["change"] + 0.5, "L"), band=band.convert("F"), change=change
    )
    return added
