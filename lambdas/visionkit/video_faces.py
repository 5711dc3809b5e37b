"""Find faces in frames of videos with CenterFace, down to small ones.

Frames are looked at larger than photographs are for `visionkit.faces`, because a face in a video that is missed is
seen, and a face too many costs nothing but a covered patch.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from math import ceil
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from imagekit.geometry import Box
from visionkit.borders import bordered
from visionkit.detection import Found, surest_first
from visionkit.image import Pixels
from visionkit.networks import Floats, read_network

MIN_SCORE = 0.15
"""The lowest confidence at which a face that is tracked is one: `videokit.tracks.linking.CONTINUE_SCORE`."""

# The longer sides, in pixels, that a frame is reduced to. Faces of 32 pixels need the large one: of those that are half
# as large, every second is missed. The small one finds faces that nearly fill the frame, and a border
# larger ones.
_SIDES = (2048, 320)
# Larger frames are also looked at in parts of at most the large side. A face smaller than the overlap is whole in a
# part. A larger one in a frame of 3840 pixels has more than 50 where the frame is reduced.
_OVERLAP = 96
_NETWORK = "centerface.onnx"
# The last one, landmarks, is not used. OpenCV 5 gives all or none.
_OUTPUTS = ("537", "538", "539", "540")
# The network halves its input five times, and answers for each square of four pixels.
_MULTIPLE = 32
_STRIDE = 4
_MAX_OVERLAP = 0.3


class MalformedAnswerError(RuntimeError):
    """The detector's answer has the wrong shape or numbers that cannot be. It does not say that there is no face."""


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What the network answered for one input.

    Parameters
    ----------
    scores
        1 x 1 x rows x columns, 0 to 1.
    sizes, offsets
        1 x 2 x rows x columns: logarithms of height and width, and where the centre is within its square, down and
        across.
    """

    scores: Floats
    sizes: Floats
    offsets: Floats


def find_video_faces(pixels: Pixels, *, min_score: float = MIN_SCORE) -> Sequence[Found]:
    """Find faces in a frame: in one size of the frame for small faces, in one for large ones, and in a border.

    A frame that is longer than 2048 pixels is also looked at in parts, in its full size.

    `pixels`: height x width x 3, red before green before blue, upright.
    `min_score`: the lowest confidence of a face, above 0 and up to 1.

    Returns faces, the surest first. Raises MalformedAnswerError: the detector answered with what no face can be.
    Raises ModelMissingError: the model is missing.
    """
    height, width = pixels.shape[:2]
    scales = sorted({min(1.0, side / max(height, width)) for side in _SIDES}, reverse=True)
    found = [face for scale in scales for face in _in_size(pixels, scale=scale, min_score=min_score)]
    if scales[0] < 1:
        for rows in _parts(height):
            for columns in _parts(width):
                found += _in_part(pixels, rows=rows, columns=columns, min_score=min_score)
    around = bordered(pixels)
    found += [
        replace(face, box=around.in_picture(face.box))
        for face in _in_size(around.pixels, scale=1.0, min_score=min_score)
    ]
    return surest_first(_without_doubles(found, min_score=min_score))


def faces_of(answer: Answer, *, width: int, height: int, min_score: float) -> Sequence[Found]:
    """Read the network's answer.

    `width`, `height`: of the picture in the upper left of the network's input, in pixels.

    Raises MalformedAnswerError: it has the wrong shape, numbers that are not finite, or scores beyond 0 to 1.
    """
    scores = _validated(answer, width=width, height=height)
    rows, columns = np.nonzero(scores >= min_score)
    # A size beyond any number is found below.
    with np.errstate(over="ignore", invalid="ignore"):
        heights, widths = (np.exp(answer.sizes[0, i, rows, columns].astype(np.float64)) * _STRIDE for i in (0, 1))
        down, across = (answer.offsets[0, i, rows, columns].astype(np.float64) for i in (0, 1))
        tops = (rows + down + 0.5) * _STRIDE - heights / 2
        lefts = (columns + across + 0.5) * _STRIDE - widths / 2
        edges = np.stack([lefts / width, tops / height, (lefts + widths) / width, (tops + heights) / height], axis=1)
    if not np.isfinite(edges).all():
        raise MalformedAnswerError("A face has no finite size.")
    return [
        Found(name="Face", confidence=float(score), box=Box(left=left, top=top, right=right, bottom=bottom))
        for score, (left, top, right, bottom) in zip(scores[rows, columns], edges.tolist(), strict=True)
    ]


def _parts(side: int) -> Sequence[slice]:
    """Divide a side into the fewest equal parts that overlap and are not too long."""
    number = max(1, ceil((side - _OVERLAP) / (max(_SIDES) - _OVERLAP)))
    step = (side - _OVERLAP) / number
    return [slice(round(step * at), min(side, round(step * (at + 1)) + _OVERLAP)) for at in range(number)]


def _in_part(pixels: Pixels, *, rows: slice, columns: slice, min_score: float) -> Iterator[Found]:
    """Find faces in a part of a frame, with boxes in the whole one."""
    height, width = pixels.shape[:2]
    part = pixels[rows, columns]
    down, across = part.shape[0] / height, part.shape[1] / width
    top, left = rows.start / height, columns.start / width
    for it in _in_size(part, scale=1, min_score=min_score):
        box = Box(
            left=left + it.box.left * across,
            top=top + it.box.top * down,
            right=left + it.box.right * across,
            bottom=top + it.box.bottom * down,
        )
        yield Found(name=it.name, confidence=it.confidence, box=box)


def _in_size(pixels: Pixels, *, scale: float, min_score: float) -> Sequence[Found]:
    size = max(1, round(pixels.shape[1] * scale)), max(1, round(pixels.shape[0] * scale))
    picture = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA) if scale < 1 else pixels
    network = read_network(_NETWORK)
    network.setInput(cv2.dnn.blobFromImage(_filled_up(picture)))
    scores, sizes, offsets, _ = (np.asarray(it, dtype=np.float32) for it in network.forward(_OUTPUTS))
    return faces_of(
        Answer(scores=scores, sizes=sizes, offsets=offsets), width=size[0], height=size[1], min_score=min_score
    )


def _filled_up(picture: npt.NDArray[Any]) -> Pixels:
    """Put a picture into the upper left of a black one whose sides the network takes."""
    height, width = (-(-side // _MULTIPLE) * _MULTIPLE for side in picture.shape[:2])
    filled = np.zeros((height, width, 3), dtype=np.uint8)
    filled[: picture.shape[0], : picture.shape[1]] = picture
    return filled


def _validated(answer: Answer, *, width: int, height: int) -> Floats:
    rows, columns = (-(-side // _MULTIPLE) * _MULTIPLE // _STRIDE for side in (height, width))
    shapes = [it.shape for it in (answer.scores, answer.sizes, answer.offsets)]
    if shapes != [(1, 1, rows, columns), (1, 2, rows, columns), (1, 2, rows, columns)]:
        raise MalformedAnswerError(f"The detector answered with arrays of {shapes}.")
    if not all(np.isfinite(it).all() for it in (answer.scores, answer.sizes, answer.offsets)):
        raise MalformedAnswerError("The detector answered with numbers that are not finite.")
    scores: Floats = answer.scores[0, 0]
    if scores.min() < 0 or scores.max() > 1:
        raise MalformedAnswerError("The detector answered with scores that are not between 0 and 1.")
    return scores


def _without_doubles(found: Sequence[Found], *, min_score: float) -> Iterator[Found]:
    """Keep the surest of the boxes that overlap."""
    # OpenCV takes whole numbers for other kinds of boxes, so these are floats of a frame of one.
    boxes = [(it.box.left, it.box.top, it.box.right - it.box.left, it.box.bottom - it.box.top) for it in found]
    kept = cv2.dnn.NMSBoxes(boxes, [it.confidence for it in found], min_score, _MAX_OVERLAP) if found else ()
    return (found[int(number)] for number in kept)
