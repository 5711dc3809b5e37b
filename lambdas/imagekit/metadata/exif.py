"""What EXIF data says of a photograph: when, with what and where it was taken (EXIF 3.0, CIPA DC-008-2023).

EXIF data is untrusted. Three IFDs are read and no further links are followed. Each value is bounded. A value that is
missing, broken or implausible is None.

Where and when a photograph was taken is private: the values have no `repr`, so that they do not get into a log by
accident.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from imagekit.metadata.credits import read_credits
from imagekit.metadata.exif_data import ExifData, first_ifd
from imagekit.metadata.ifd import Ifd
from imagekit.rejection import ImageRejected
from imagekit.source import Source
from safelight_contracts.renditions import Metadata

_MAKE, _MODEL, _DATE_TIME = 271, 272, 306
_TAKEN_AT, _OFFSET_FROM_UTC = 36867, 36881
_EXPOSURE_TIME, _F_NUMBER, _FOCAL_LENGTH = 33434, 33437, 37386
# ISO has two bytes. Larger values are in other tags: recommended exposure index, standard output
# sensitivity, ISO speed.
_ISO = 34855
_LONG_ISO = (34866, 34865, 34867)
_ISO_IS_LONGER = 65_535
_LENS_MODEL = 42036
_LATITUDE_SIDE, _LATITUDE, _LONGITUDE_SIDE, _LONGITUDE, _ALTITUDE_SIDE, _ALTITUDE = range(1, 7)
# Below sea level, and (EXIF 3.0) below the ellipsoid.
_BELOW = {1, 3}

_MAX_TEXT_BYTES = 256
_MAX_TEXT = 64


@dataclass(frozen=True, kw_only=True, repr=False)
class Position:
    """Where a photograph was taken.

    Attributes
    ----------
    latitude, longitude
        Decimal degrees, north and east positive.
    altitude
        Metres above sea level, or above the ellipsoid if the camera says so. None if unknown.
    """

    latitude: float
    longitude: float
    altitude: float | None = None


@dataclass(frozen=True, kw_only=True, repr=False)
class PhotoMetadata:
    """What EXIF data says of a photograph; None for each value that is missing.

    Attributes
    ----------
    taken_at
        ISO 8601 local time to the second, with its offset from UTC if the camera gives it.
    camera
        Maker and model, of at most 64 characters.
    lens
        Model, of at most 64 characters.
    exposure_seconds
        Exposure time in seconds.
    f_number
        Aperture: focal length over the entrance pupil's diameter.
    iso
        Sensitivity.
    focal_length
        Millimetres, not converted to 35 mm film.
    position
        Where it was taken.
    credits
        Artist and copyright, which renditions can keep. Empty if there are none.
    """

    taken_at: str | None = None
    camera: str | None = None
    lens: str | None = None
    exposure_seconds: float | None = None
    f_number: float | None = None
    iso: int | None = None
    focal_length: float | None = None
    position: Position | None = None
    credits: Mapping[Metadata, str] = field(default_factory=dict)

    def as_json(self) -> dict[str, object]:
        """Return the known values for a record, which does not hold the credits."""
        position = self.position
        values = {
            "takenAt": self.taken_at,
            "camera": self.camera,
            "lens": self.lens,
            "exposureSeconds": self.exposure_seconds,
            "fNumber": self.f_number,
            "iso": self.iso,
            "focalLengthMm": self.focal_length,
            "position": None if position is None else _without_none(vars(position)),
        }
        return _without_none(values)


def read_photo_metadata(exif: ExifData) -> PhotoMetadata | None:
    """Read what EXIF data, a TIFF file, or a camera raw file that is a TIFF file says of the photograph.

    Returns
    -------
    PhotoMetadata or None
        None if there is no value at all. Never raises, whatever the bytes are.
    """
    return _photo_metadata(image=exif.image, exif=exif.details, position=exif.position)


def read_separate_photo_metadata(*, image: Source, exif: Source, position: Source) -> PhotoMetadata | None:
    """Read the same from three TIFF structures of one IFD each, as in Canon's CR3.

    Parameters
    ----------
    image, exif, position
        The bytes of each structure. An empty source has no IFD.

    Returns
    -------
    PhotoMetadata or None
        As `read_photo_metadata` does.
    """
    return _photo_metadata(image=first_ifd(image), exif=first_ifd(exif), position=first_ifd(position))


def _photo_metadata(*, image: Ifd | None, exif: Ifd | None, position: Ifd | None) -> PhotoMetadata | None:
    """Read the values from three IFDs. A missing IFD is None.

    Parameters
    ----------
    image
        The first IFD.
    exif
        The EXIF IFD.
    position
        The GPS IFD.
    """
    try:
        found = PhotoMetadata(
            taken_at=_taken_at(image, exif),
            camera=_camera(image),
            lens=_name(exif, _LENS_MODEL),
            exposure_seconds=_measure(exif, _EXPOSURE_TIME, most=1e6),
            f_number=_measure(exif, _F_NUMBER, most=1e4),
            iso=_iso(exif),
            focal_length=_measure(exif, _FOCAL_LENGTH, most=1e5),
            position=_position(position),
            credits=read_credits(image),
        )
    except ImageRejected:
        # The image is remote, and its EXIF data is spread over too much of the file.
        return None
    return found if found != PhotoMetadata() else None


def _taken_at(image: Ifd | None, exif: Ifd | None) -> str | None:
    # TIFF/EP, which camera raw follows, stores the time of the photograph in the image's own tags.
    places = ((exif, _TAKEN_AT), (image, _TAKEN_AT), (image, _DATE_TIME))
    for ifd, tag in places:
        text = ifd.text(tag, limit=_MAX_TEXT_BYTES) if ifd is not None else None
        taken_at = _time(text, "%Y:%m:%d %H:%M:%S")
        if taken_at is None:
            continue
        offset = exif.text(_OFFSET_FROM_UTC, limit=_MAX_TEXT_BYTES) if exif is not None and tag == _TAKEN_AT else None
        zone = _time(offset, "%z")
        return (taken_at if zone is None else taken_at.replace(tzinfo=zone.tzinfo)).isoformat(timespec="seconds")
    return None


def _time(text: str | None, layout: str) -> datetime | None:
    try:
        return None if text is None else datetime.strptime(text, layout)
    except ValueError:
        return None


def _camera(image: Ifd | None) -> str | None:
    make, model = _name(image, _MAKE), _name(image, _MODEL)
    # "NIKON CORPORATION" makes the "NIKON Z 6".
    if make is None or model is None or model.lower().startswith(make.split()[0].lower()):
        return model or make
    return f"{make} {model}"[:_MAX_TEXT].strip()


def _name(ifd: Ifd | None, tag: int) -> str | None:
    text = ifd.text(tag, limit=_MAX_TEXT_BYTES) if ifd is not None else None
    return None if text is None else text[:_MAX_TEXT].strip()


def _measure(ifd: Ifd | None, tag: int, *, most: float) -> float | None:
    value = ifd.number(tag) if ifd is not None else None
    return _significant(value) if value is not None and 0 < value <= most else None


def _significant(value: float) -> float:
    return float(f"{value:.6g}")


def _iso(exif: Ifd | None) -> int | None:
    if exif is None:
        return None
    iso = exif.number(_ISO)
    if iso == _ISO_IS_LONGER:
        longer = (exif.number(tag) for tag in _LONG_ISO)
        iso = next((value for value in longer if value), iso)
    return int(iso) if iso is not None and 1 <= iso <= 1e8 else None


def _position(ifd: Ifd | None) -> Position | None:
    if ifd is None:
        return None
    latitude = _degrees(ifd, _LATITUDE, side=_LATITUDE_SIDE, signs={"N": 1, "S": -1}, most=90)
    longitude = _degrees(ifd, _LONGITUDE, side=_LONGITUDE_SIDE, signs={"E": 1, "W": -1}, most=180)
    if latitude is None or longitude is None:
        return None
    return Position(latitude=latitude, longitude=longitude, altitude=_altitude(ifd))


def _degrees(ifd: Ifd, tag: int, *, side: int, signs: dict[str, int], most: int) -> float | None:
    sign = signs.get((ifd.text(side, limit=2) or "").upper())
    parts: Sequence[float] = ifd.numbers(tag, limit=3)
    if sign is None or not parts:
        return None
    degrees = sum(part / 60**place for place, part in enumerate(parts))
    in_range = all(part >= 0 for part in parts) and 0 <= degrees <= most
    # Seven decimals are a centimetre.
    return round(sign * degrees, 7) if in_range else None


def _altitude(ifd: Ifd) -> float | None:
    altitude = ifd.number(_ALTITUDE)
    if altitude is None or not math.isfinite(altitude) or abs(altitude) > 100_000:
        return None
    return round(-altitude if ifd.number(_ALTITUDE_SIDE) in _BELOW else altitude, 2)


def _without_none(values: Mapping[str, object]) -> dict[str, object]:
    return {name: value for name, value in values.items() if value is not None}
