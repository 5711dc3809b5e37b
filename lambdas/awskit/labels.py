"""Rekognition's labels: request them, and count the people in them."""

from collections import Counter
from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING, Any

from awskit import clients
from awskit.answers import labels_of
from imagekit.tiles import Tiles

if TYPE_CHECKING:
    from mypy_boto3_rekognition.type_defs import (
        BoundingBoxTypeDef,
        ImageTypeDef,
        InstanceTypeDef,
        LabelTypeDef,
    )

PERSON = "Person"
"""The label that Rekognition gives to people."""

_PERSON = PERSON.casefold()
_MAX_BOXES = 25


def find_labels(image: "ImageTypeDef", *, min_confidence: float | None) -> "list[LabelTypeDef]":
    """Ask Rekognition what an image shows.

    `min_confidence`: the minimum confidence in percent. None means Rekognition's own default.

    Raises MalformedAnswer as for `awskit.answers.labels_of`.
    """
    if min_confidence is None:
        return labels_of(clients.rekognition().detect_labels(Image=image))
    return labels_of(clients.rekognition().detect_labels(Image=image, MinConfidence=min_confidence))


def count_people(labels: Iterable["LabelTypeDef"], *, tiles: Tiles) -> int:
    """Count the people that labels report.

    Rekognition may see that there is a person, but not where. A label without instances therefore counts as one person.
    Labels under `Person`, such as `Man`, count in the same way. The result is the count of the label with the most
    people, because two labels of one person are not two people.

    `labels`: all labels that Rekognition found.
    `tiles`: how the image is divided. A person belongs to the tile that holds the centre of the box. A person without a
    box counts in every tile. The result is the count of the tile with the most people.
    """
    return max((_people(label, tiles=tiles) for label in labels if _is_of_people(label)), default=0)


def _is_of_people(label: "LabelTypeDef") -> bool:
    names = (label, *(label.get("Aliases") or ()), *(label.get("Parents") or ()))
    return any(name["Name"].casefold() == _PERSON for name in names)


def _people(label: "LabelTypeDef", *, tiles: Tiles) -> int:
    instances = label.get("Instances") or []
    placed = Counter(_place_of(instance["BoundingBox"], tiles=tiles) for instance in instances if _has_box(instance))
    return max(1, len(instances) - placed.total() + max(placed.values(), default=0))


def _has_box(instance: "InstanceTypeDef") -> bool:
    return instance.get("BoundingBox") is not None


def _place_of(box: "BoundingBoxTypeDef", *, tiles: Tiles) -> tuple[int, int]:
    return tiles.place_of(x=box["Left"] + box["Width"] / 2, y=box["Top"] + box["Height"] / 2)


def boxes_of(labels: Iterable["LabelTypeDef"], *, names: Collection[str], tiles: Tiles) -> list[dict[str, Any]]:
    """List where in the image the things with some names are, if Rekognition reports where.

    `labels`: all labels that Rekognition found.
    `names`: the names of the labels, casefolded.
    `tiles`: how the image is divided. A thing that is visible in several tiles is listed for each.

    Returns `{"name", "confidence", "box": {"left", "top", "width", "height"}}`, at most 25. The confidence is in
    percent. The box is in fractions of the sides of the image, or of its tile if the image is divided.
    """
    boxes = [
        {
            "name": label["Name"],
            "confidence": round(instance["Confidence"], 1),
            "box": _sides(instance["BoundingBox"], tiles=tiles),
        }
        for label in labels
        if label["Name"].casefold() in names
        for instance in label.get("Instances") or []
        if _has_box(instance)
    ]
    return boxes[:_MAX_BOXES]


def _sides(box: "BoundingBoxTypeDef", *, tiles: Tiles) -> dict[str, float]:
    column, row = _place_of(box, tiles=tiles)
    sides = {
        "left": box["Left"] * tiles.columns - column,
        "top": box["Top"] * tiles.rows - row,
        "width": box["Width"] * tiles.columns,
        "height": box["Height"] * tiles.rows,
    }
    # Rekognition's boxes may extend a little beyond the edge.
    return {side: min(1.0, max(0.0, round(part, 4))) for side, part in sides.items()}
