"""Runs a TFLite model on one image at a time."""

from __future__ import annotations

import threading
from pathlib import Path

import numpy as np
from ai_edge_litert.interpreter import Interpreter
from PIL import Image

from safelight_local.rekognition.ssd import Floats


class TfliteModel:
    """A loaded TFLite model. It is thread-safe.

    `file`: the model, as TFLite.
    """

    def __init__(self, file: Path) -> None:
        self._interpreter = Interpreter(model_path=str(file), num_threads=1)
        self._interpreter.allocate_tensors()
        self._lock = threading.Lock()

    def run(self, pixels: Floats) -> list[Floats]:
        """Return the model's outputs for one image, as `normalise` makes it, in the model's order."""
        interpreter = self._interpreter
        with self._lock:  # An interpreter holds one image at a time.
            interpreter.set_tensor(interpreter.get_input_details()[0]["index"], pixels)
            interpreter.invoke()
            return [interpreter.get_tensor(output["index"])[0] for output in interpreter.get_output_details()]


def normalise(image: Image.Image) -> Floats:
    """Turn an RGB image into a batch of one: 1 x height x width x 3, from -1 to 1."""
    return (np.asarray(image, dtype=np.float32) / 127.5 - 1)[np.newaxis]
