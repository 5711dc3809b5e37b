"""Sample photographs, made from the images of scikit-image."""

from dataclasses import dataclass
from pathlib import Path

import skimage.data
from PIL import Image

_ORIENTATION = 0x0112
_TURN_CLOCKWISE = 6
_GPS = 0x8825
_GPS_LATITUDE_REF, _GPS_LATITUDE, _GPS_LONGITUDE_REF, _GPS_LONGITUDE = 1, 2, 3, 4
_QUALITY = 90


@dataclass(frozen=True, kw_only=True)
class Samples:
    """The files written by `write_samples`.

    `landscape`: a cup of coffee, 2400 x 1600, with nobody in it.
    `small`: the same, 300 x 200.
    `person`: an astronaut, 1024 x 1024.
    `sideways`: a cat, 1200 x 1600 once turned upright: EXIF orientation 6, and a GPS position.
    `text`: Words in a file whose name ends in .jpg.
    `odd_name`: the coffee again, under a name with spaces, a plus sign, a percent sign and letters beyond ASCII.
    """

    landscape: Path
    small: Path
    person: Path
    sideways: Path
    text: Path
    odd_name: Path


def write_samples(folder: Path) -> Samples:
    """Write the sample files.

    `folder`: an existing folder; files of the same names in it are replaced.
    """
    samples = Samples(
        landscape=folder / "coffee.jpg",
        small=folder / "small.jpg",
        person=folder / "astronaut.jpg",
        sideways=folder / "sideways-cat.jpg",
        text=folder / "notes.jpg",
        odd_name=folder / "café + crème 100%.jpg",
    )
    photographs = Path(skimage.data.__file__).parent
    coffee, astronaut, cat = (
        Image.open(photographs / name).convert("RGB") for name in ("coffee.png", "astronaut.png", "chelsea.png")
    )
    _resized(coffee, (2400, 1600)).save(samples.landscape, quality=_QUALITY)
    _resized(coffee, (1200, 800)).save(samples.odd_name, quality=_QUALITY)
    _resized(coffee, (300, 200)).save(samples.small, quality=_QUALITY)
    _resized(astronaut, (1024, 1024)).save(samples.person, quality=_QUALITY)
    upright = _resized(cat.crop((100, 0, 325, 300)), (1200, 1600))
    upright.transpose(Image.Transpose.ROTATE_90).save(samples.sideways, quality=_QUALITY, exif=_exif())
    samples.text.write_text("Opening hours of the park: from dawn to dusk.\n")
    return samples


def _resized(image: Image.Image, size: tuple[int, int]) -> Image.Image:
    return image.resize(size, Image.Resampling.LANCZOS)


def _exif() -> Image.Exif:
    exif = Image.Exif()
    exif[_ORIENTATION] = _TURN_CLOCKWISE
    exif[_GPS] = {
        _GPS_LATITUDE_REF: "N",
        _GPS_LATITUDE: (51.0, 28.0, 40.0),
        _GPS_LONGITUDE_REF: "W",
        _GPS_LONGITUDE: (0.0, 0.0, 5.0),
    }
    return exif
