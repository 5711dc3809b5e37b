"""How much of the faces of a scene is bare, and how much else is covered."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from tests.redaction_videos.looking import Seen
from tests.redaction_videos.scenes import Scene, faces_in

from imagekit.geometry import Box
from videokit.painting import pixel_box
from videokit.tracks.covering import cover
from videokit.tracks.linking import link

MOST_BARE = 0.05
"""The largest part of a face's box that is no failure."""

PADDING = 0.15


@dataclass(frozen=True, kw_only=True)
class Bareness:
    """What covers do to a scene.

    `bare`: the index of the frame, and the part of the face's box, of each face of which too much is bare.
    `too_much`: the part of the frames that is covered and shows no face.
    """

    bare: Sequence[tuple[int, float]]
    too_much: float


def covers_for(seen: Seen) -> Mapping[int, Sequence[Box]]:
    """Return what is covered, by the index of the frame."""
    boxes: dict[int, list[Box]] = {}
    for it in cover(link(seen.detections, timeline=seen.timeline), timeline=seen.timeline, padding=PADDING):
        boxes.setdefault(it.frame, []).append(it.box)
    return boxes


def bareness(scene: Scene, covers: Mapping[int, Sequence[Box]]) -> Bareness:
    """Compare covers, as they are painted, with the ground truth. Several covers of one face count together."""
    bare, too_much = [], 0
    truth = faces_in(scene)
    for frame, faces in enumerate(truth):
        covered = _painted(covers.get(frame, ()), scene=scene)
        outside = covered.copy()
        for face in faces:
            part = _part(face, scene=scene)
            uncovered = 1 - float(covered[part].mean())
            if uncovered > MOST_BARE:
                bare.append((frame, round(uncovered, 3)))
            outside[part] = False
        too_much += int(outside.sum())
    return Bareness(bare=bare, too_much=too_much / (len(truth) * scene.width * scene.height))


def _painted(boxes: Sequence[Box], *, scene: Scene) -> npt.NDArray[np.bool_]:
    covered = np.zeros((scene.height, scene.width), dtype=np.bool_)
    for box in boxes:
        pixels = pixel_box(box, orientation=1, width=scene.width, height=scene.height)
        if pixels is not None:
            covered[pixels.top : pixels.bottom, pixels.left : pixels.right] = True
    return covered


def _part(face: Box, *, scene: Scene) -> tuple[slice, slice]:
    """Return the whole pixels that a face's box touches."""
    return (
        slice(int(face.top * scene.height), int(np.ceil(face.bottom * scene.height))),
        slice(int(face.left * scene.width), int(np.ceil(face.right * scene.width))),
    )
