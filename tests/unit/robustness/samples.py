"""Small complete files of every type, and ways to break them."""

from collections.abc import Iterator
from random import Random

from PIL import Image
from tests.unit.pictures import encoded, exif, four_corners, heic, photograph
from tests.unit.raw_pictures import dng, tiled_dng

_PICTURE = four_corners(96, 80)
_OTHER = Image.new("RGB", (96, 80), "teal")

SAMPLES: dict[str, bytes] = {
    "JPEG": photograph(width=96, height=80, orientation=6),
    "progressive JPEG": encoded(_PICTURE, "JPEG", progressive=True),
    "CMYK JPEG": encoded(_PICTURE.convert("CMYK"), "JPEG"),
    "PNG": photograph(width=96, height=80, orientation=6, image_type="PNG"),
    "palette PNG": encoded(_PICTURE.convert("P"), "PNG"),
    "16-bit PNG": encoded(Image.new("I;16", (96, 80), 40_000), "PNG"),
    "lossy WEBP": encoded(_PICTURE, "WEBP", exif=exif(orientation=6)),
    "lossless WEBP": encoded(_PICTURE.convert("RGBA"), "WEBP", lossless=True),
    "animated WEBP": encoded(_PICTURE, "WEBP", save_all=True, append_images=[_OTHER]),
    "GIF": encoded(_PICTURE, "GIF", comment=b"words " * 50),
    "animated GIF": encoded(_PICTURE, "GIF", save_all=True, append_images=[_OTHER]),
    "TIFF": photograph(width=96, height=80, orientation=6, image_type="TIFF"),
    "BigTIFF": encoded(_PICTURE, "TIFF", big_tiff=True),
    "LZW TIFF": encoded(_PICTURE, "TIFF", compression="tiff_lzw"),
    "deflated TIFF": encoded(_PICTURE.convert("CMYK"), "TIFF", compression="tiff_adobe_deflate"),
    "JPEG TIFF": encoded(_PICTURE, "TIFF", compression="jpeg"),
    "fax TIFF": encoded(_PICTURE.convert("1"), "TIFF", compression="group4"),
    "BMP": encoded(_PICTURE, "BMP"),
    "palette BMP": encoded(_PICTURE.convert("P"), "BMP"),
    "AVIF": photograph(width=96, height=80, orientation=6, image_type="AVIF"),
    "AVIF with alpha": encoded(_PICTURE.convert("RGBA"), "AVIF"),
    "JPEG 2000": encoded(_PICTURE, "JPEG2000"),
    "HEIC": heic("orientation_6"),
    "RAW": dng(_PICTURE),
    "tiled RAW": tiled_dng(_PICTURE, side=32).data,
    "RAW with a preview": dng(_PICTURE, preview=encoded(_PICTURE, "JPEG")),
}


def truncated(data: bytes, *, places: int = 50) -> Iterator[tuple[str, bytes]]:
    """Cut a file off at each of its first 25 bytes, and at places spread evenly over the rest."""
    first = places // 2
    rest = (first + (len(data) - first) * place // (places - first) for place in range(places - first))
    return ((f"cut at {end}", data[:end]) for end in (*range(first), *rest))


def flipped(data: bytes, *, count: int = 50) -> Iterator[tuple[str, bytes]]:
    """Flip bits of a file at places that are always the same ones: half in its first 512 bytes, one to six at once."""
    random = Random(len(data))  # noqa: S311 - to be the same each time
    for number in range(count):
        broken = bytearray(data)
        reach = min(512, len(data)) if number % 2 else len(data)
        for _ in range(random.randint(1, 6)):
            broken[random.randrange(reach)] ^= 1 << random.randrange(8)
        yield f"flip {number}", bytes(broken)


def filled(data: bytes, *, count: int = 24) -> Iterator[tuple[str, bytes]]:
    """Put the largest numbers, and zero, over four bytes of a file's first 512, where lengths and counts stand."""
    reach = min(512, len(data) - 4)
    for number in range(count):
        at = reach * number // count
        for value in (b"\xff\xff\xff\xff", b"\x7f\xff\xff\xff", b"\0\0\0\0"):
            yield f"{value.hex()} at {at}", data[:at] + value + data[at + 4 :]
