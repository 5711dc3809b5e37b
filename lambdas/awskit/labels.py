"""Rekognition's labels: asking for them, and what they say of people."""

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
"""The label that Rekognition gives people."""

_PERSON = PERSON.casefold()
_MAX_BOXES = 25


def find_labels(image: "ImageTypeDef", *, min_confidence: float | None) -> "list[LabelTypeDef]":
    """Ask Rekognition what an image shows.

    Parameters
    ----------
    image
        As Rekognition takes it.
    min_confidence
        The least confidence that counts, in percent; None is Rekognition's own.

    Raises
    ------
    MalformedAnswer
        As `awskit.answers.labels_of` does.
    """
    if min_confidence is None:
        return labels_of(clients.rekognition().detect_labels(Image=image))
    return labels_of(clients.rekognition().detect_labels(Image=image, MinConfidence=min_confidence))


def count_people(labels: Iterable["LabelTypeDef"], *, tiles: Tiles) -> int:
    """Count the people that labels tell of.

    Rekognition may see that there is a person and not where: a label without instances counts as one. Labels under
    `Person`, such as `Man`, count as that does, and the one that tells of the most people is taken: two labels of one
    person are no two people.

    Parameters
    ----------
    labels
        All that Rekognition found.
    tiles
        How the image is divided. A person belongs to the tile that holds the centre of the box, and one without a box
        to each: the tile with the most is taken.
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
    """List where in the image things of some names are, as far as Rekognition says where.

    Parameters
    ----------
    labels
        All that Rekognition found.
    names
        Of the labels, casefolded.
    tiles
        How the image is divided. What is seen in several tiles is listed for each.

    Returns
    -------
    list of dict
        `{"name", "confidence", "box": {"left", "top", "width", "height"}}`, at most 25: the confidence in percent, the
        box in parts of the sides of the image, of its tile where it is divided.
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
    # Rekognition's boxes may reach a little over the edge.
    return {side: min(1.0, max(0.0, round(part, 4))) for side, part in sides.items()}
