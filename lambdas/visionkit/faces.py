"""Find people by their faces with CenterFace (MIT), https://github.com/Star-Clouds/CenterFace."""

import cv2
import numpy as np

from visionkit.image import Pixels, as_input, letterboxed
from visionkit.networks import read_network

NETWORK = "centerface.onnx"
"""The file of the network."""

# Finds faces of a 20th of the image's side. A larger square costs more and finds faces in patterns.
_SIDE = 320
_STRIDE = 4
_MAX_OVERLAP = 0.3


def face_scores(pixels: Pixels, *, min_score: float) -> list[float]:
    """Find faces and give the confidence of each, 0 to 1, the highest first.

    The highest is returned even if it is below the minimum.

    `min_score`: Others below it are omitted.
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
    found = scores[rows, columns]
    kept = cv2.dnn.NMSBoxes(boxes, found.tolist(), min_score, _MAX_OVERLAP) if boxes else ()
    return sorted((float(found[int(i)]) for i in kept), reverse=True) or [best]
