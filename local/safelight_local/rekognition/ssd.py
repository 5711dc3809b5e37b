"""Decodes the output of a single-shot detector (SSD): anchors, boxes, non-maximum suppression."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from safelight_local.rekognition.geometry import Box

Floats = npt.NDArray[np.float32]

_MAX_CANDIDATES = 200


@dataclass(frozen=True)
class Detection:
    """A detected object: its class, score (0 to 1) and box."""

    name: str
    score: float
    box: Box


_Detected = TypeVar("_Detected", bound=Detection)


def read_anchors(file: Path) -> Floats:
    """Read the anchors of an SSD from a file of `safelight_models.coco_ssd.ANCHORS`.

    Result: N x 4: centre y, centre x, height, width, ratios of the image's sides.
    """
    top, left, bottom, right = np.fromfile(file, dtype="<f4").reshape(-1, 4).T
    return np.stack([(top + bottom) / 2, (left + right) / 2, bottom - top, right - left], axis=1)


def decode(
    encodings: Floats,
    *,
    logits: Floats,
    anchors: Floats,
    names: Sequence[str | None],
    min_score: float,
    max_overlap: float = 0.5,
) -> list[Detection]:
    """Decode a detector's raw output into objects, in order of score.

    `encodings`: N x 4: what the detector says of each anchor's box (y, x, height, width, in units of a tenth and a
    fifth of the anchor, the scaling of TensorFlow's ``FasterRcnnBoxCoder``).
    `logits`: N x classes, before the sigmoid.
    `anchors`: as `read_anchors` gives them.
    `names`: the name of each class; None for one that is no object (the background, an unused number).
    `min_score`: Detections below this score (0 to 1) are dropped.
    `max_overlap`: if two boxes of a class overlap by more than this, the one with the lower score is dropped.
    """
    y, x, height, width = anchors.T
    centre_y = encodings[:, 0] / 10 * height + y
    centre_x = encodings[:, 1] / 10 * width + x
    half_height = np.exp(encodings[:, 2] / 5) * height / 2
    half_width = np.exp(encodings[:, 3] / 5) * width / 2
    corners = np.stack(
        [centre_x - half_width, centre_y - half_height, centre_x + half_width, centre_y + half_height], axis=1
    ).clip(0, 1)
    scores = sigmoid(logits)
    found: list[Detection] = []
    for number, name in enumerate(names):
        if name is None:
            continue
        candidates = np.flatnonzero(scores[:, number] >= min_score)
        candidates = candidates[np.argsort(-scores[candidates, number])][:_MAX_CANDIDATES]
        found += [
            Detection(name=name, score=float(scores[i, number]), box=Box(*map(float, corners[i]))) for i in candidates
        ]
    return suppress(found, max_overlap=max_overlap)


def sigmoid(logits: Floats) -> Floats:
    """Convert logits to scores, 0 to 1."""
    with np.errstate(over="ignore"):
        scores: Floats = np.reciprocal(1 + np.exp(-logits), dtype=np.float32)
    return scores


def suppress(detections: Sequence[_Detected], *, max_overlap: float) -> list[_Detected]:
    """Keep the best detection of each object, by name and overlap, in order of score."""
    kept: list[_Detected] = []
    for detection in sorted(detections, key=lambda each: -each.score):
        if all(each.name != detection.name or each.box.overlap(detection.box) <= max_overlap for each in kept):
            kept.append(detection)
    return kept
