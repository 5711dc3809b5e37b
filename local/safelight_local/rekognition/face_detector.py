"""MediaPipe's full-range face detector: boxes and landmarks of faces."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from PIL import Image, ImageOps

from safelight_local.rekognition import ssd
from safelight_local.rekognition.geometry import Box, Point
from safelight_local.rekognition.models import ModelFiles
from safelight_local.rekognition.ssd import Detection, Floats
from safelight_local.rekognition.tflite import TfliteModel, normalise

# The side of the detector's square input in pixels, and in cells.
INPUT_SIDE = 192
GRID = 48

_MIN_SCORE = 0.5
_MAX_OVERLAP = 0.3
_MAX_CANDIDATES = 500


@dataclass(frozen=True)
class Face(Detection):
    """A face. Left and right are as seen in the image.

    The box and the points may lie outside the image where a face is cut off by its edge.
    """

    left_eye: Point
    right_eye: Point
    nose: Point


class FaceDetector:
    """Finds faces. It is thread-safe."""

    def __init__(self, files: ModelFiles) -> None:
        self._model = TfliteModel(files.faces)

    def detect(self, image: Image.Image) -> list[Face]:
        """Find the faces in an upright RGB image, in order of confidence.

        The model misses a face of which only chin to forehead is shown, so the image is searched in a border, too.
        """
        small = ImageOps.contain(image, (INPUT_SIDE, INPUT_SIDE), Image.Resampling.BILINEAR)
        border = min(small.size)
        around = self._find(ImageOps.expand(small, border, fill="gray"))
        inside = [_without_border(face, border=border, width=small.width, height=small.height) for face in around]
        return ssd.suppress([*self._find(image), *inside], max_overlap=_MAX_OVERLAP)

    def _find(self, image: Image.Image) -> list[Face]:
        square = ImageOps.pad(image, (INPUT_SIDE, INPUT_SIDE), Image.Resampling.BILINEAR)
        regressors, logits = self._model.run(normalise(square))
        return decode_faces(regressors, logits=logits[:, 0], width=image.width, height=image.height)


def _without_border(face: Face, *, border: int, width: int, height: int) -> Face:
    """Convert a face in an image with a border to one in the image, which has `width` x `height` pixels."""

    def across(x: float) -> float:
        return (x * (width + 2 * border) - border) / width

    def down(y: float) -> float:
        return (y * (height + 2 * border) - border) / height

    def point(at: Point) -> Point:
        return Point(x=across(at.x), y=down(at.y))

    box = face.box
    return replace(
        face,
        box=Box(left=across(box.left), top=down(box.top), right=across(box.right), bottom=down(box.bottom)),
        left_eye=point(face.left_eye),
        right_eye=point(face.right_eye),
        nose=point(face.nose),
    )


def decode_faces(regressors: Floats, *, logits: Floats, width: int, height: int) -> list[Face]:
    """Decode the detector's raw output into faces, in order of confidence.

    https://ai.google.dev/edge/mediapipe/solutions/vision/face_detector

    `regressors`: 2304 x 16, one row for each of 48 x 48 cells, in pixels of the square: the face's centre x and y from
    the cell's centre, its width and height, and x and y of its right eye, left eye, nose, mouth, right ear and left ear
    from the cell's centre, where right is that of the person in the image.
    `logits`: 2304, before the sigmoid.
    `width`, `height`: of the image that was fitted into the middle of the square, in pixels.
    """
    scores = ssd.sigmoid(logits)
    candidates = np.flatnonzero(scores >= _MIN_SCORE)
    candidates = candidates[np.argsort(-scores[candidates])][:_MAX_CANDIDATES]
    # The share of the square that the image covers, across and down, and its offset.
    share = np.array([width, height]) / max(width, height)
    margin = (1 - share) / 2
    faces: list[Face] = []
    for cell in candidates:
        centre = (np.array([cell % GRID, cell // GRID]) + 0.5) / GRID
        places = regressors[cell].reshape(-1, 2) / INPUT_SIDE
        middle = (centre + places[0] - margin) / share
        half = places[1] / share / 2
        their_right_eye, their_left_eye, nose = (
            Point(*map(float, place)) for place in (centre + places[2:5] - margin) / share
        )
        faces.append(
            Face(
                name="face",
                score=float(scores[cell]),
                box=Box(*map(float, (*(middle - half), *(middle + half)))),
                left_eye=their_right_eye,
                right_eye=their_left_eye,
                nose=nose,
            )
        )
    return ssd.suppress(faces, max_overlap=_MAX_OVERLAP)
