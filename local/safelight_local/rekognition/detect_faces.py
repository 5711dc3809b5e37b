"""DetectFaces: the boxes of faces. The stand-in returns no age, emotion, pose or quality.

https://docs.aws.amazon.com/rekognition/latest/APIReference/API_DetectFaces.html
"""

from __future__ import annotations

from typing import Any

from PIL import Image

from safelight_local.rekognition.face_detector import Face, FaceDetector
from safelight_local.rekognition.geometry import Point, bounding_box

MAX_FACES = 100


def detect_faces(image: Image.Image, *, detector: FaceDetector) -> dict[str, Any]:
    """Answer a DetectFaces request.

    ``Attributes`` has no effect: the response lacks attributes that the model does not detect, and ``Pose`` and
    ``Quality``, which Rekognition always returns. The landmarks are ``eyeLeft``, ``eyeRight`` and ``nose``: the model
    detects the centre of a mouth, Rekognition its corners.

    Returns the response: the 100 largest faces, the largest first.
    """
    faces = sorted(detector.detect(image), key=lambda face: -face.box.area)
    return {"FaceDetails": [_detail(face) for face in faces[:MAX_FACES]]}


def _detail(face: Face) -> dict[str, Any]:
    return {
        "BoundingBox": bounding_box(face.box),
        "Confidence": face.score * 100,
        "Landmarks": [
            _landmark("eyeLeft", face.left_eye),
            _landmark("eyeRight", face.right_eye),
            _landmark("nose", face.nose),
        ],
    }


def _landmark(name: str, point: Point) -> dict[str, Any]:
    return {"Type": name, "X": point.x, "Y": point.y}
