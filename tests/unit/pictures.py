"""Pictures for tests: each corner has its own colour, so that rotation and cropping are visible."""

from io import BytesIO
from pathlib import Path
from typing import Any

from PIL import ExifTags, Image

CORNERS = {
    "top left": (220, 30, 30),
    "top right": (30, 180, 30),
    "bottom left": (30, 30, 220),
    "bottom right": (230, 220, 40),
}

_HEIC = Path(__file__).parent / "heic"

_DISPLAY = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}
ORIENTATIONS = (1, *_DISPLAY)


def four_corners(width: int, height: int) -> Image.Image:
    """Make a picture whose quarters have the colours of `CORNERS`."""
    quarters = Image.new("RGB", (2, 2))
    quarters.putdata(list(CORNERS.values()))
    return quarters.resize((width, height), Image.Resampling.NEAREST)


def corners_of(picture: Image.Image) -> dict[str, str]:
    """Return the nearest colour of each corner."""
    picture = picture.convert("RGB")
    width, height = picture.size
    places = {
        "top left": (width // 8, height // 8),
        "top right": (width - 1 - width // 8, height // 8),
        "bottom left": (width // 8, height - 1 - height // 8),
        "bottom right": (width - 1 - width // 8, height - 1 - height // 8),
    }

    def name(color: Any) -> str:
        return min(CORNERS, key=lambda corner: sum(abs(a - b) for a, b in zip(CORNERS[corner], color, strict=True)))

    return {corner: name(picture.getpixel(place)) for corner, place in places.items()}


def encoded(picture: Image.Image, image_type: str, **options: Any) -> bytes:
    """Write a picture with Pillow."""
    file = BytesIO()
    picture.save(file, image_type, **options)
    return file.getvalue()


def decoded(data: bytes) -> Image.Image:
    """Read a complete picture with Pillow."""
    picture = Image.open(BytesIO(data))
    picture.load()
    return picture


def exif(*, orientation: int, extra: bytes = b"") -> Image.Exif:
    """Make EXIF data with an orientation and a position; `extra` makes it longer."""
    data = Image.Exif()
    data[ExifTags.Base.Orientation] = orientation
    data[ExifTags.Base.ImageDescription] = "SECRET"
    if extra:
        data[ExifTags.Base.MakerNote] = extra
    data.get_ifd(ExifTags.IFD.GPSInfo)[ExifTags.GPS.GPSLatitudeRef] = "N"
    data.get_ifd(ExifTags.IFD.GPSInfo)[ExifTags.GPS.GPSLatitude] = (52.0, 31.0, 0.0)
    return data


def photograph(*, width: int, height: int, orientation: int = 1, image_type: str = "JPEG") -> bytes:
    """Make a file that is displayed as `four_corners` of this size, stored as its orientation says."""
    shown = four_corners(width, height)
    stored = shown.transpose(_DISPLAY[orientation]) if orientation in _DISPLAY else shown
    return encoded(stored, image_type, exif=exif(orientation=orientation))


def heic(name: str) -> bytes:
    """Read a HEIC that pillow-heif has written: what HEIC is written with has a licence that this project keeps out.

    `orientation_1` to `orientation_8` are displayed as `four_corners(240, 160)`; `37x21_of_64x64` is cut from more
    pixels than it shows.
    """
    return (_HEIC / f"{name}.heic").read_bytes()
