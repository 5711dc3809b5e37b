"""Find people by their faces with CenterFace (MIT), https://github.com/Star-Clouds/CenterFace."""

from collections.abc import Sequence

import cv2
import numpy as np

from imagekit.geometry import Box
from visionkit.detection import Detections, Found, surest_first
from visionkit.image import Pixels, as_input, letterboxed
from visionkit.networks import read_network

NETWORK = "centerface.onnx"
"""The file of the network."""

# Finds faces of a 20th of the image's side. A larger square costs more and finds faces in patterns.
_SIDE = 320
_STRIDE = 4
_MAX_OVERLAP = 0.3


def find_faces(pixels: Pixels, *, min_score: float) -> Detections:
    """Find faces.

    `min_score`: the minimum confidence of what is found, above 0 and up to 1.
    """
    network = read_network(NETWORK)
    network.setInput(as_input(letterboxed(pixels, side=_SIDE), scale=1.0, mean=0.0))
    heatmap, sizes, offsets, _ = network.forward(["537", "538", "539", "540"])
    scores = heatmap.reshape(_SIDE // _STRIDE, -1).astype(np.float64)
    best = float(scores.max())
    rows, columns = np.nonzero(scores >= min_score)
    heights, widths = (np.exp(sizes[0, i, rows, columns]) * _STRIDE for i in (0, 1))
    top = (rows + offsets[0, 0, rows, columns] + 0.5) * _STRIDE - heights / 2
    left = (columns + offsets[0, 1, rows, columns] + 0.5) * _STRIDE - widths / 2
    boxes = np.stack([left, top, widths, heights], axis=1).tolist()
    sure = scores[rows, columns].tolist()
    kept = cv2.dnn.NMSBoxes(boxes, sure, min_score, _MAX_OVERLAP) if boxes else ()
    found = [_face(boxes[int(i)], score=sure[int(i)], pixels=pixels) for i in kept]
    return Detections(confidence=best, found=surest_first(found))


def _face(box: Sequence[float], *, score: float, pixels: Pixels) -> Found:
    left, top, width, height = box
    # The image fills the upper left part of the square.
    longer = max(pixels.shape[:2])
    across, down = _SIDE * pixels.shape[1] / longer, _SIDE * pixels.shape[0] / longer
    place = Box(left=left / across, top=top / down, right=(left + width) / across, bottom=(top + height) / down)
    return Found(name="Face", confidence=score, box=place)
