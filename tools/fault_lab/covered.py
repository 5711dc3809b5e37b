"""The picture of the scenario whose route redacts, what detectors see in it, and whether a rendition shows that."""

import hashlib
import io
from collections.abc import Mapping
from functools import cache
from typing import Any

from PIL import Image, ImageStat
from tools.fault_lab.lab import FaultLab

from imagekit.decoding.limits import inspect
from imagekit.geometry import Size
from imagekit.operations.delivered import EncodedImage
from imagekit.redaction.detection_pictures import detection_pictures
from imagekit.redaction.search_places import first_places
from safelight_contracts.limits import Limits

FACE: Mapping[str, float] = {"Left": 0.25, "Top": 0.125, "Width": 0.25, "Height": 0.25}
PLATE: Mapping[str, float] = {"Left": 0.375, "Top": 0.625, "Width": 0.25, "Height": 0.125}
_CAR = {"Left": 0.25, "Top": 0.5, "Width": 0.5, "Height": 0.5}
_SIDE, _STRIPE = 720, 30
# A flat color, and what JPEG makes of it. Stripes differ by 255.
_FLAT = 30
# Pixels. Scaling mixes those on both sides of an edge.
_EDGE = 4


@cache
def striped_picture() -> bytes:
    """Make a picture with black and white stripes, which are gone where something is covered."""
    image = Image.new("L", (_SIDE, _SIDE), "black")
    for left in range(0, _SIDE, 2 * _STRIPE):
        image.paste("white", (left, 0, left + _STRIPE, _SIDE))
    encoded = io.BytesIO()
    image.convert("RGB").save(encoded, "JPEG")
    return encoded.getvalue()


def show_detectors(lab: FaultLab) -> None:
    """Make Rekognition see a face and a plate in what the function that makes renditions shows it of the picture.

    The function sends bytes, which no pattern of keys matches.
    """
    answers = {
        "DetectFaces": {"FaceDetails": [{"BoundingBox": FACE, "Confidence": 99.0}]},
        "DetectText": {"TextDetections": [_word(PLATE)]},
        "DetectLabels": {"Labels": [_car()]},
    }
    fixture = {
        "sha256": _digest_of_shown_picture(),
        "answers": {operation: [{"response": answer}] for operation, answer in answers.items()},
    }
    lab.ask_rekognition("PUT", "/_safelight/fixtures/covered", fixture)


def shows_what_is_covered(rendition: bytes) -> bool:
    """Return whether a rendition of the picture has stripes where the face or the plate is."""
    with Image.open(io.BytesIO(rendition)) as image:
        gray = image.convert("L")
    return any(_contrast(gray, box) > _FLAT for box in (FACE, PLATE))


def _contrast(gray: Image.Image, box: Mapping[str, float]) -> float:
    left, top = round(box["Left"] * gray.width), round(box["Top"] * gray.height)
    right, bottom = left + round(box["Width"] * gray.width), top + round(box["Height"] * gray.height)
    part = gray.crop((left + _EDGE, top + _EDGE, right - _EDGE, bottom - _EDGE))
    ((low, high),) = ImageStat.Stat(part).extrema
    return high - low


@cache
def _digest_of_shown_picture() -> str:
    data = striped_picture()
    header = inspect(data, limits=Limits())
    places = first_places(Size(width=header.width, height=header.height))
    ((_, shown),) = detection_pictures(EncodedImage(data=data, header=header), places=places)
    return hashlib.sha256(shown).hexdigest()


def _word(box: Mapping[str, float]) -> dict[str, Any]:
    return {"DetectedText": "AB12CDE", "Type": "WORD", "Confidence": 99.0, "Geometry": {"BoundingBox": box}}


def _car() -> dict[str, Any]:
    return {"Name": "Car", "Confidence": 99.0, "Instances": [{"BoundingBox": _CAR, "Confidence": 99.0}]}
