"""PP-OCR: the text lines of an image and their places."""

from __future__ import annotations

import functools
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PIL import Image

from safelight_local.rekognition.geometry import Point
from safelight_local.rekognition.models import ModelFiles

if TYPE_CHECKING:
    from rapidocr import RapidOCR

# Below this score, lines are more often misread than not.
_MIN_SCORE = 0.5
_FEWEST_CHARACTERS = 2


@dataclass(frozen=True)
class Text:
    """A line or a word: its text, score (0 to 1) and place.

    `corners`: the text's top left, top right, bottom right, bottom left.
    """

    text: str
    score: float
    corners: tuple[Point, ...]


class TextReader:
    """Reads text. It is thread-safe.

    The model is loaded when the first image is read: its library takes as long to import as all the rest of the
    stand-in, and most workflows never ask for text.
    """

    def __init__(self, files: ModelFiles) -> None:
        self._files = files
        self._loading = threading.Lock()

    def read(self, image: Image.Image) -> list[Text]:
        """Read the lines in an upright RGB image, from top to bottom. Lines of one character are dropped."""
        from rapidocr.utils.output import RapidOCROutput

        with self._loading:
            engine = self._engine
        found = engine(image)
        # Without text the result is empty, or has only boxes.
        if not isinstance(found, RapidOCROutput) or found.boxes is None or found.txts is None or found.scores is None:
            return []
        corners = (found.boxes / [image.width, image.height]).tolist()
        return [
            Text(text.strip(), float(score), tuple(Point(x, y) for x, y in places))
            for text, score, places in zip(found.txts, found.scores, corners, strict=True)
            if len(text.strip()) >= _FEWEST_CHARACTERS
        ]

    @functools.cached_property
    def _engine(self) -> RapidOCR:
        from rapidocr import RapidOCR

        return RapidOCR(
            params={
                "Global.log_level": "error",
                "Global.text_score": _MIN_SCORE,
                "Global.use_cls": False,
                "Det.limit_side_len": 736,
                "Det.limit_type": "max",
                # With explicit paths it downloads nothing.
                "Det.model_path": str(self._files.text_regions),
                "Rec.model_path": str(self._files.text_characters),
                "EngineConfig.onnxruntime.intra_op_num_threads": 1,
            }
        )
