"""Read text in a picture with PP-OCR, inside this process: no pixel leaves it.

The models are loaded when the module is imported, so that a worker does it once for all files.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import rapidocr
from rapidocr.utils.output import RapidOCROutput

from dicomkit.burned_in import FoundText

_MODELS = Path(rapidocr.__file__).parent / "models"
# What is hardly text is found too: the caller compares it with the words of the header.
_MIN_BOX_SCORE, _MIN_TEXT_SCORE = 0.3, 0.0
# Letters of pictures of 256 x 256 are too small for the network without enlarging.
_SHORTEST_SIDE = 736

_engine = rapidocr.RapidOCR(
    params={
        "Global.log_level": "critical",
        "Global.text_score": _MIN_TEXT_SCORE,
        "Global.use_cls": False,
        "Det.limit_side_len": _SHORTEST_SIDE,
        "Det.limit_type": "min",
        "Det.box_thresh": _MIN_BOX_SCORE,
        # With explicit paths it downloads nothing.
        "Det.model_path": str(_MODELS / "PP-OCRv6_det_small.onnx"),
        "Rec.model_path": str(_MODELS / "PP-OCRv6_rec_small.onnx"),
        # More threads would not survive the worker's fork.
        "EngineConfig.onnxruntime.intra_op_num_threads": 1,
        "EngineConfig.onnxruntime.inter_op_num_threads": 1,
    }
)


def find_text(picture: npt.NDArray[np.uint8]) -> Sequence[FoundText]:
    """Find the lines of text in a grey picture, rows x columns. What is found but cannot be read has an empty text."""
    found = _engine(np.repeat(picture[:, :, None], 3, axis=2))
    if not isinstance(found, RapidOCROutput) or found.boxes is None:
        return []
    texts = found.txts or [""] * len(found.boxes)
    scores = found.scores or [1.0] * len(found.boxes)
    return [
        FoundText(
            text=text,
            left=float(corners[:, 0].min()),
            top=float(corners[:, 1].min()),
            right=float(corners[:, 0].max()),
            bottom=float(corners[:, 1].max()),
            score=float(score),
        )
        for corners, text, score in zip(found.boxes, texts, scores, strict=True)
    ]
