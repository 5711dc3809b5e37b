"""The verdicts of checks, and the places in an image where a check found something."""

from collections.abc import Iterable, Iterator
from typing import Any

from safelight_contracts.redaction.boxes import boxes_from_json
from safelight_local.aws.history import StateVisit
from safelight_local.aws.records import json_object

_SIDES = ("left", "top", "width", "height")
_MOST = 100


def boxes_of(detail: object) -> list[dict[str, Any]]:
    """Find the boxes in the detail of a check.

    `detail`: Whatever the check answered. An object in it that has a ``box`` or a ``boundingBox``, with ``left``,
    ``top``, ``width`` and ``height`` as parts of the image's sides from 0 to 1, is a finding; capitals make no
    difference, so that Rekognition's own ``BoundingBox`` is one too.

    Result: of each ``left``, ``top``, ``width``, ``height``, and ``name`` and ``confidence`` where it has them; a
    hundred at most.
    """
    return list(_walk(detail, name=None))[:_MOST]


def covered_of(redacted: object) -> list[dict[str, Any]]:
    """Read the boxes of what a route covered, from a record.

    `redacted`: The value of the record. Anything may be in it.

    Result: as of ``boxes_of``.
    """
    described = redacted.get("boxes") if isinstance(redacted, dict) else None
    try:
        boxes = boxes_from_json(described or [])
    except (TypeError, ValueError):
        return []
    return [
        {
            "left": box.left,
            "top": box.top,
            "width": box.width,
            "height": box.height,
            "name": box.kind.value.lower(),
            "confidence": box.confidence,
        }
        for box in boxes[:_MOST]
    ]


def verdicts_of(visits: Iterable[StateVisit]) -> list[dict[str, Any]]:
    """Find the verdicts in the outputs of an execution's tasks. Versions v1 to v4 record no checks.

    Result: of each ``check``, which is the name of the state, ``accepted``, ``reason`` and ``detail``.
    """
    outputs = [(visit.state, json_object(visit.output)) for visit in visits if visit.type == "Task"]
    return [
        {"check": state} | {name: output.get(name) for name in ("accepted", "reason", "detail")}
        for state, output in outputs
        if isinstance(output.get("accepted"), bool)
    ]


def _walk(value: object, *, name: object) -> Iterator[dict[str, Any]]:
    if isinstance(value, list):
        for item in value:
            yield from _walk(item, name=name)
    elif isinstance(value, dict):
        folded = {str(key).casefold(): item for key, item in value.items()}
        own = folded.get("name", name)
        box = _box(folded.get("box") or folded.get("boundingbox"))
        if box is not None:
            yield box | {"name": own, "confidence": folded.get("confidence")}
        for key, item in folded.items():
            if key not in ("box", "boundingbox"):
                yield from _walk(item, name=own)


def _box(value: object) -> dict[str, float] | None:
    if not isinstance(value, dict):
        return None
    folded = {str(key).casefold(): item for key, item in value.items()}
    sides = {side: folded.get(side) for side in _SIDES}
    if not all(isinstance(length, int | float) and 0 <= length <= 1 for length in sides.values()):
        return None
    return {side: float(length) for side, length in sides.items() if isinstance(length, int | float)}
