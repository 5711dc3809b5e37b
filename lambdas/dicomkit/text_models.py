"""The models of PP-OCRv6 (Apache 2.0), run by OpenCV.

They are files of the package rapidocr, which is not imported: it brings a second runtime, and together they are too
large for a function.
"""

from importlib.util import find_spec
from pathlib import Path

import cv2
import numpy as np

DETECTION, RECOGNITION = "PP-OCRv6_det_small.onnx", "PP-OCRv6_rec_small.onnx"
_PACKAGE = "rapidocr"
# Fields of ONNX's ModelProto and StringStringEntryProto, and protobuf's wire type of bytes (onnx.proto, protobuf.dev).
_METADATA, _KEY, _VALUE = 14, 1, 2
_VARINT, _BYTES = 0, 2


def read_model(name: str) -> bytes:
    """Read a model.

    Raises
    ------
    FileNotFoundError
        If the package is missing, or the file.
    """
    found = find_spec(_PACKAGE)
    if found is None or not found.submodule_search_locations:
        raise FileNotFoundError(f"the package {_PACKAGE}, which holds {name}, is missing")
    return (Path(next(iter(found.submodule_search_locations))) / "models" / name).read_bytes()


def network(model: bytes) -> cv2.dnn.Net:
    """Load a model."""
    return cv2.dnn.readNetFromONNX(np.frombuffer(model, dtype=np.uint8))


def metadata(model: bytes, *, key: str) -> str:
    """Return a text of a model's metadata.

    Raises
    ------
    KeyError
        If there is none.
    """
    for entry in _fields(model).get(_METADATA, []):
        fields = _fields(entry)
        if fields[_KEY] == [key.encode()]:
            return fields[_VALUE][0].decode()
    raise KeyError(key)


def _fields(message: bytes) -> dict[int, list[bytes]]:
    fields: dict[int, list[bytes]] = {}
    at = 0
    while at < len(message):
        tag, at = _varint(message, at=at)
        number, wire_type = tag >> 3, tag & 7
        if wire_type not in (_VARINT, _BYTES):
            raise ValueError("the model has a field of an unknown type")
        length, at = _varint(message, at=at)
        if wire_type == _BYTES:
            fields.setdefault(number, []).append(message[at : at + length])
            at += length
    return fields


def _varint(message: bytes, *, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = message[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return value, at
