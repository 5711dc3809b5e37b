"""An image shows one picture, whatever the size: what a check sees of it is what a rendition of any size shows."""

import io
import struct
from collections.abc import Callable, Iterator, Sequence
from functools import cache, partial

import numpy as np
import pytest
from PIL import Image, ImageCms
from tests.unit.pictures import decoded

from imagekit.decoding.limits import inspect
from imagekit.rendering.analysis import prepare_analysis_image
from imagekit.rendering.render import render
from safelight_contracts.image_types import ImageType
from safelight_contracts.limits import Limits
from safelight_contracts.renditions import Fit, Rendition

SIDE = 1024
# A quarter of the picture, as a mask.
HIDDEN = np.zeros((SIDE, SIDE), bool)
HIDDEN[: SIDE // 2, : SIDE // 2] = True
_ROWS, _COLUMNS = np.mgrid[:SIDE, :SIDE]
CHECKERED = ((_ROWS + _COLUMNS) & 1).astype(bool)

_ZIGZAG = sorted(range(64), key=lambda at: (at // 8 + at % 8, (at // 8 if (at // 8 + at % 8) % 2 else at % 8)))
_COSINES = np.array(
    [[np.sqrt((1 if u == 0 else 2) / 8) * np.cos((2 * x + 1) * u * np.pi / 16) for x in range(8)] for u in range(8)]
)


def codes(lengths: Sequence[int], symbols: Sequence[int]) -> dict[int, tuple[int, int]]:
    """Return the Huffman code of each symbol: its bits, and how many there are."""
    made, code, symbol = {}, 0, iter(symbols)
    for length, count in enumerate(lengths, 1):
        for _ in range(count):
            made[next(symbol)] = code, length
            code += 1
        code <<= 1
    return made


DC_LENGTHS, DC_SYMBOLS = [0, 1, 5, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0], list(range(12))
AC_LENGTHS = [0] * 7 + [162] + [0] * 8
AC_SYMBOLS = [run << 4 | size for run in range(16) for size in range(1, 11)] + [0x00, 0xF0]


def bits_of(blocks: np.ndarray) -> Iterator[str]:
    """Code the blocks' coefficients, in zigzag order, as a baseline JPEG of one component has them."""
    dc = codes(DC_LENGTHS, DC_SYMBOLS)
    before = 0
    for block in blocks.reshape(-1, 64).tolist():
        difference, before = block[0] - before, block[0]
        code, length = dc[abs(difference).bit_length()]
        yield f"{code:0{length}b}" + value_bits(difference)
        yield ac_bits(tuple(block[1:]))


def value_bits(number: int) -> str:
    size = abs(number).bit_length()
    return f"{number if number > 0 else number + (1 << size) - 1:0{size}b}" if size else ""


@cache
def ac_bits(coefficients: tuple[int, ...]) -> str:
    """Code a block's 63 coefficients behind its mean, which are the same in many blocks."""
    ac = codes(AC_LENGTHS, AC_SYMBOLS)
    bits, run = "", 0
    for number in coefficients:
        if number == 0:
            run += 1
            continue
        code, length = ac[0xF0]
        bits += f"{code:0{length}b}" * (run // 16)
        code, length = ac[run % 16 << 4 | abs(number).bit_length()]
        bits += f"{code:0{length}b}" + value_bits(number)
        run = 0
    code, length = ac[0]
    return bits + (f"{code:0{length}b}" if run else "")


def jpeg_of_coefficients(blocks: np.ndarray, *, step: int) -> bytes:
    """Write a grey JPEG with these quantised coefficients: rows, columns, and 64 in zigzag order."""

    def segment(marker: int, content: bytes) -> bytes:
        return struct.pack(">BBH", 0xFF, marker, 2 + len(content)) + content

    rows, columns, _ = blocks.shape
    bits = "".join(bits_of(blocks))
    bits += "1" * (-len(bits) % 8)
    scan = int(bits, 2).to_bytes(len(bits) // 8, "big").replace(b"\xff", b"\xff\0")
    return (
        b"\xff\xd8"
        + segment(0xDB, b"\0" + bytes([step] * 64))
        + segment(0xC0, struct.pack(">BHHB", 8, rows * 8, columns * 8, 1) + b"\1\x11\0")
        + segment(0xC4, b"\0" + bytes(DC_LENGTHS) + bytes(DC_SYMBOLS))
        + segment(0xC4, b"\x10" + bytes(AC_LENGTHS) + bytes(AC_SYMBOLS))
        + segment(0xDA, b"\1\1\0\0\x3f\0")
        + scan
        + b"\xff\xd9"
    )


def clipping_jpeg() -> bytes:
    """A JPEG whose coefficients are far out of range: each block's mean says one thing, its clipped pixels another."""
    step, side = 40, SIDE // 8
    one = np.zeros((8, 8))
    one[3, 4] = 1
    pattern = (_COSINES @ one @ _COSINES.T).reshape(64)[_ZIGZAG]
    pattern[0] = 0
    swing = np.round(-64 * 400 * pattern / step).clip(-1000, 1000).astype(int)
    blocks = np.broadcast_to(-swing, (side, side, 64)).copy()
    hidden = HIDDEN[::8, ::8]
    blocks[..., 0] = np.where(hidden, round(90 * 8 / step), round(-60 * 8 / step))
    return jpeg_of_coefficients(blocks, step=step)


def saved(image: Image.Image, kind: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def inks(kind: str, **options: object) -> bytes:
    """A picture of inks: pairs of pixels whose mean is one and the same, and whose colours are not."""
    black = np.where(CHECKERED, 255, 0).astype("u1")
    color = np.where(HIDDEN, black, 255 - black)
    return saved(Image.frombytes("CMYK", (SIDE, SIDE), np.dstack([color] * 3 + [black]).tobytes()), kind, **options)


def flat_in_the_middle() -> bytes:
    """An sRGB profile whose curve rises at its start alone."""
    base = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    (count,) = struct.unpack_from(">I", base, 128)
    values = np.full(256, 0.2)
    values[:100] = 0
    values[100:120] = np.linspace(0, 0.2, 20)
    curve = b"curv\0\0\0\0" + struct.pack(">I256H", 256, *np.round(values * 65535).astype(int))
    entries, body, at = b"", b"", 132 + 12 * count
    for name, offset, length in struct.iter_unpack(">4sII", base[132 : 132 + 12 * count]):
        content = curve if name.endswith(b"TRC") else base[offset : offset + length]
        content += b"\0" * (-len(content) % 4)
        entries += struct.pack(">4sII", name, at + len(body), len(content))
        body += content
    whole = base[:128] + struct.pack(">I", count) + entries + body
    return struct.pack(">I", len(whole)) + whole[4:]


def halftone(kind: str, **options: object) -> bytes:
    grey = np.where(HIDDEN, np.where(CHECKERED, 90, 210), 150).astype("u1")
    return saved(Image.fromarray(np.dstack([grey] * 3)), kind, icc_profile=flat_in_the_middle(), **options)


FILES: dict[str, Callable[[], bytes]] = {
    "coefficients out of range": clipping_jpeg,
    "inks in a TIFF": partial(inks, "TIFF"),
    "inks in a JPEG": partial(inks, "JPEG", quality=100, subsampling=0),
    "a profile that is flat in the middle, PNG": partial(halftone, "PNG"),
    "a profile that is flat in the middle, JPEG": partial(halftone, "JPEG", quality=100, subsampling=0),
}


def rendition(width: int) -> Rendition:
    return Rendition(name=f"w{width}", width=width, height=None, fit=Fit.INSIDE, type=ImageType.PNG, quality=None)


def contrast(picture: Image.Image) -> float:
    """Give how much lighter the hidden quarter is than the rest, of 255."""
    grey = np.asarray(picture.convert("L").resize((64, 64), Image.Resampling.BOX), float)
    quarter = np.zeros((64, 64), bool)
    quarter[:32, :32] = True
    return float(grey[quarter].mean() - grey[~quarter].mean())


@pytest.mark.parametrize("name", FILES)
def test_a_rendition_of_any_size_shows_what_the_check_sees(name: str) -> None:
    data = FILES[name]()
    header = inspect(data, limits=Limits())
    seen = contrast(decoded(prepare_analysis_image(data, header=header).data))
    for widths in ([SIDE, 480, 120], [480], [120]):
        for image in render(data, header=header, renditions=[rendition(width) for width in widths]):
            assert contrast(decoded(image.data)) == pytest.approx(seen, abs=8), image.rendition.name
