"""Rekognition's labels: request them, and count the people in them."""

from collections import Counter
from collections.abc import Iterable, Set
from typing import TYPE_CHECKING, Any

from awskit.boxes import MAX_BOXES, box_entry
from awskit.rekognition import client
from awskit.rekognition.answers import labels_of
from awskit.rekognition.boxes import box_of
from imagekit.tiles import Tiles

if TYPE_CHECKING:
    from mypy_boto3_rekognition.type_defs import BoundingBoxTypeDef, ImageTypeDef, InstanceTypeDef, LabelTypeDef

_PEOPLE = {"person"}


def find_labels(image: "ImageTypeDef", *, min_confidence: float | None) -> "list[LabelTypeDef]":
    """Ask Rekognition what an image shows.

    `min_confidence`: the minimum confidence in percent. None means Rekognition's own default.

    Raises MalformedAnswer as for `awskit.rekognition.answers.labels_of`.
    """
    if min_confidence is None:
        return labels_of(client.rekognition().detect_labels(Image=image))
    return labels_of(client.rekognition().detect_labels(Image=image, MinConfidence=min_confidence))


def count_people(labels: Iterable["LabelTypeDef"], *, tiles: Tiles) -> int:
    """Count the people that labels report.

    Rekognition may see that there is a person, but not where. A label without instances therefore counts as one person.
    Labels under `Person`, such as `Man`, count in the same way. The result is the count of the label with the most
    people, because two labels of one person are not two people.

    `labels`: all labels that Rekognition found.
    `tiles`: how the image is divided. A person belongs to the tile that holds the centre of the box. A person without a
    box counts in every tile. The result is the count of the tile with the most people.
    """
    return max((_people(label, tiles=tiles) for label in labels if names_of(label) & _PEOPLE), default=0)


def names_of(label: "LabelTypeDef") -> set[str]:
    """Return the name of a label, its aliases and the labels above it, casefolded."""
    names = (label, *(label.get("Aliases") or ()), *(label.get("Parents") or ()))
    return {name["Name"].casefold() for name in names}


def _people(label: "LabelTypeDef", *, tiles: Tiles) -> int:
    instances = label.get("Instances") or []
    placed = Counter(_place_of(instance["BoundingBox"], tiles=tiles) for instance in instances if _has_box(instance))
    return max(1, len(instances) - placed.total() + max(placed.values(), default=0))


def _has_box(instance: "InstanceTypeDef") -> bool:
    return instance.get("BoundingBox") is not None


def _place_of(box: "BoundingBoxTypeDef", *, tiles: Tiles) -> tuple[int, int]:
    return tiles.place_of(x=box["Left"] + box["Width"] / 2, y=box["Top"] + box["Height"] / 2)


def boxes_of_people(labels: Iterable["LabelTypeDef"]) -> list[dict[str, Any]]:
    """List where in the image the people of `count_people` are, as `boxes_of` does."""
    return boxes_of(labels, names=_PEOPLE)


def boxes_of(labels: Iterable["LabelTypeDef"], *, names: Set[str]) -> list[dict[str, Any]]:
    """List where in the image the things with some names are, if Rekognition reports where.

    Rekognition reports one thing under several labels, such as `Man` and `Person`. A place is listed once, under the
    label whose own name is among the names.

    `labels`: all labels that Rekognition found.
    `names`: casefolded. A label has its own name, its aliases and the labels above it.

    Returns at most 25 entries of `awskit.boxes.box_entry`.
    """
    own_name_first = sorted(labels, key=lambda label: label["Name"].casefold() not in names)
    entries = (
        box_entry(name=label["Name"], confidence=instance["Confidence"], box=box_of(instance["BoundingBox"]))
        for label in own_name_first
        if names_of(label) & names
        for instance in label.get("Instances") or []
        if _has_box(instance)
    )
    placed: dict[tuple[float, ...], dict[str, Any]] = {}
    for entry in entries:
        placed.setdefault(tuple(entry["box"].values()), entry)
    return list(placed.values())[:MAX_BOXES]
