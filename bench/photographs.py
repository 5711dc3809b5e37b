"""Photographs for the benchmarks: samples of packages that `bench/package-lock.json` pins, and of scikit-image."""

from functools import cache
from io import BytesIO
from pathlib import Path

import skimage.data
from PIL import Image

_PACKAGES = Path(__file__).parent / "node_modules"
_FOLDERS = ("@vladmandic/face-api/demo", "exif/test", "exif-parser/test", "jpeg-exif/test")
_FACES = tuple(f"@vladmandic/face-api/demo/sample{number}.jpg" for number in (1, 4, 5, 6))


@cache
def photograph_24_mp() -> bytes:
    """Read a photograph as a camera wrote it: a Sony ILCE-6000's, 6000 x 4000, 6.6 MB, of a city at dusk."""
    return _read(_PACKAGES / "exif/test/sony-alpha-6000.jpg")


@cache
def photograph_12_mp() -> bytes:
    """Scale the photograph of 24 megapixels to the size that telephones write, 4032 x 3024."""
    file = BytesIO()
    with Image.open(BytesIO(photograph_24_mp())) as image:
        cut = image.resize((4032, 3024), Image.Resampling.LANCZOS, box=(333, 0, 333 + 5334, 4000))
    cut.save(file, "JPEG", quality=93)
    return file.getvalue()


@cache
def photograph_2k() -> bytes:
    """Scale the photograph of 24 megapixels to 2048 x 1365, and write it as a JPEG of quality 90."""
    file = BytesIO()
    with Image.open(BytesIO(photograph_24_mp())) as image:
        image.resize((2048, 1365), Image.Resampling.LANCZOS).save(file, "JPEG", quality=90)
    return file.getvalue()


@cache
def written_again(data: bytes, image_type: str, **options: int) -> bytes:
    """Decode a photograph, and write it as another type of file.

    Parameters
    ----------
    data
        The photograph.
    image_type
        As Pillow names it.
    options
        Of Pillow's writer.
    """
    file = BytesIO()
    with Image.open(BytesIO(data)) as image:
        # Without its EXIF data and profile, because some writers would copy them.
        bare = Image.frombytes(image.mode, image.size, image.tobytes())
    bare.save(file, image_type, **options)
    return file.getvalue()


def five_photographs() -> dict[str, Image.Image]:
    """Return five photographs at least 1280 pixels wide, by name: of a city, and of people."""
    files = {"city": photograph_24_mp()} | {Path(name).stem: _read(_PACKAGES / name) for name in _FACES}
    return {name: Image.open(BytesIO(data)).convert("RGB") for name, data in files.items()}


def real_jpegs() -> dict[str, bytes]:
    """Return every JPEG of these packages by name, as cameras and programs wrote it."""
    photographs = [
        *(file for folder in _FOLDERS for file in sorted((_PACKAGES / folder).rglob("*"))),
        *sorted(Path(skimage.data.__file__).parent.iterdir()),
    ]
    return {str(file): file.read_bytes() for file in photographs if file.suffix.lower() in {".jpg", ".jpeg"}}


def _read(path: Path) -> bytes:
    if not path.is_file():
        raise SystemExit("The photographs are not installed. Run npm ci --ignore-scripts --prefix bench")
    return path.read_bytes()
