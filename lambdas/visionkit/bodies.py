"""Find people by their bodies with COCO-SSD, a MobileNet SSD trained on COCO (Apache-2.0)."""

from functools import cache

import cv2
import numpy as np

from imagekit.geometry import Box
from visionkit.detection import Detections, Found, surest_first
from visionkit.image import Pixels, as_input, stretched
from visionkit.networks import Floats, read_model_file, read_network

NETWORK = "coco-ssd.onnx"
"""The file of the network."""

_SIDE = 300
_PERSON = 1
_MAX_OVERLAP = 0.5
# TensorFlow's FasterRcnnBoxCoder: centres are in tenths of the anchor, sizes in fifths.
_CENTRE_SCALE = 10.0
_SIZE_SCALE = 5.0


def find_bodies(pixels: Pixels, *, min_score: float) -> Detections:
    """Find bodies.

    `min_score`: the minimum confidence of what is found, above 0 and up to 1.
    """
    network = read_network(NETWORK)
    network.setInput(as_input(stretched(pixels, side=_SIDE), scale=1 / 127.5, mean=127.5))
    # Both outputs at once: for one alone, OpenCV gave the same score for every image.
    encodings, logits = network.forward(["concat", "concat_1"])
    scores = 1 / (1 + np.exp(-logits.reshape(-1, logits.shape[-1])[:, _PERSON].astype(np.float64)))
    best = float(scores.max())
    boxes = _decode_boxes(encodings.reshape(-1, 4).astype(np.float32, copy=False))
    kept = cv2.dnn.NMSBoxes(boxes.tolist(), scores.tolist(), max(min_score, 1e-6), _MAX_OVERLAP)
    found = [_body(boxes[int(i)], score=float(scores[int(i)])) for i in kept]
    return Detections(confidence=best, found=surest_first(found))


def _body(box: Floats, *, score: float) -> Found:
    left, top, width, height = map(float, box)
    return Found(name="Person", confidence=score, box=Box(left=left, top=top, right=left + width, bottom=top + height))


def _decode_boxes(encodings: Floats) -> Floats:
    """Decode N boxes to left, top, width, height, ratios of the image's sides."""
    top, left, bottom, right = _anchors().T
    height, width = bottom - top, right - left
    y = encodings[:, 0] / _CENTRE_SCALE * height + (top + bottom) / 2
    x = encodings[:, 1] / _CENTRE_SCALE * width + (left + right) / 2
    height = np.exp(encodings[:, 2] / _SIZE_SCALE) * height
    width = np.exp(encodings[:, 3] / _SIZE_SCALE) * width
    return np.stack([x - width / 2, y - height / 2, width, height], axis=1)


@cache
def _anchors() -> Floats:
    """Give the anchors of the model, N x 4: top, left, bottom, right."""
    return np.frombuffer(read_model_file("coco-ssd.anchors"), dtype="<f4").reshape(-1, 4)
