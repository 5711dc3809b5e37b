"""Networks of the detectors, loaded once per process."""

from functools import cache
from importlib.resources import as_file, files

import cv2
import numpy as np
import numpy.typing as npt

from safelight_contracts.detectors import DETECTOR_MODELS

Floats = npt.NDArray[np.float32]


class ModelMissingError(RuntimeError):
    """A detector's model is missing."""


@cache
def read_network(name: str) -> cv2.dnn.Net:
    """Load an ONNX model.

    Raises ModelMissingError: There is no such file.
    """
    data = np.frombuffer(read_model_file(name), dtype=np.uint8)
    return cv2.dnn.readNetFromONNX(data)


def read_model_file(name: str) -> bytes:
    """Read a file of the models.

    Raises ModelMissingError: There is no such file.
    """
    try:
        with as_file(files(DETECTOR_MODELS).joinpath(name)) as file:
            return file.read_bytes()
    except (ModuleNotFoundError, FileNotFoundError) as error:
        raise ModelMissingError(
            f"the detector's model {name} is missing: is the layer {DETECTOR_MODELS} on this function?"
        ) from error
