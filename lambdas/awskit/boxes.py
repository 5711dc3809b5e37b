"""Where a check found something: the entries of `boxes` in the detail of its answer, for every detector."""

from typing import Any

from imagekit.geometry import Box

MAX_BOXES = 25
"""The maximum number of boxes in the answer of a check."""


def box_entry(*, name: str, confidence: float, box: Box) -> dict[str, Any]:
    """Build an entry of `boxes`.

    `name`: what was found.
    `confidence`: in percent.
    `box`: where it is in the image that the check examined. A box that extends beyond an edge is cut there, because
    detectors report such boxes.

    Returns `{"name", "confidence", "box": {"left", "top", "width", "height"}}`.
    """
    cut = box.cut()
    sides = {"left": cut.left, "top": cut.top, "width": cut.right - cut.left, "height": cut.bottom - cut.top}
    return {
        "name": name,
        "confidence": round(confidence, 1),
        "box": {side: round(length, 4) for side, length in sides.items()},
    }
