"""The conversion from TensorFlow.js to ONNX."""

import json
from typing import Any

import numpy as np
import onnxruntime
import pytest

from safelight_models.onnx import Weight, convert, read_weights

KERNEL = {"name": "kernel", "shape": [2, 2, 3, 1], "dtype": "float32"}


def attributes(*, padding: str = "SAME", stride: int = 1, dilation: int = 1) -> dict[str, Any]:
    return {
        "padding": {"s": list(padding.encode())},
        "strides": {"list": {"i": ["1", str(stride), str(stride), "1"]}},
        "dilations": {"list": {"i": ["1", str(dilation), str(dilation), "1"]}},
    }


def convert_one(operation: str, attr: dict[str, Any], *, side: int, shape: tuple[int, ...]) -> bytes:
    """Convert a graph of one operation with a 2 x 2 kernel of ones on an image of three channels."""
    nodes = [
        {"name": "image", "op": "Placeholder"},
        {"name": "kernel", "op": "Const"},
        {"name": "result", "op": operation, "input": ["image", "kernel"], "attr": attr},
    ]
    return convert(
        json.dumps({"modelTopology": {"node": nodes}}).encode(),
        weights={"kernel": Weight((2, 2, 3, 1), np.ones(12, dtype="<f4").tobytes())},
        source="image",
        side=side,
        outputs={"result": shape},
    )


def run(network: bytes, channel: list[list[float]]) -> list[list[float]]:
    """Run a network on an image with one channel that is not black, and return the first channel of the result."""
    image = np.zeros((1, 3, len(channel), len(channel)), dtype=np.float32)
    image[0, 0] = channel
    session = onnxruntime.InferenceSession(network, providers=["CPUExecutionProvider"])
    first: list[list[float]] = session.run(["result"], {"image": image})[0][0, 0].tolist()
    return first


@pytest.mark.parametrize(("operation", "channels"), [("Conv2D", 1), ("DepthwiseConv2dNative", 3)])
def test_a_convolution_has_tensorflows_padding_with_the_larger_part_at_the_end(operation: str, channels: int) -> None:
    network = convert_one(operation, attributes(), side=2, shape=(1, channels, 2, 2))
    assert run(network, [[1, 2], [3, 4]]) == [[10, 6], [7, 4]]


def test_a_convolution_whose_stride_fits_is_not_padded() -> None:
    network = convert_one("Conv2D", attributes(stride=2), side=4, shape=(1, 1, 2, 2))
    assert run(network, [[1, 2, 0, 0], [3, 4, 0, 1], [0, 0, 1, 1], [5, 0, 1, 1]]) == [[10, 1], [5, 4]]


@pytest.mark.parametrize(
    ("attr", "message"),
    [(attributes(padding="VALID"), "result is not padded as SAME"), (attributes(dilation=2), "result is dilated")],
)
def test_an_unsupported_convolution_is_named_in_the_error(attr: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        convert_one("Conv2D", attr, side=2, shape=(1, 1, 2, 2))


def test_an_unsupported_operation_is_named_in_the_error() -> None:
    with pytest.raises(ValueError, match="Softmax"):
        convert_one("Softmax", {}, side=2, shape=(1, 1, 2, 2))


def test_weights_are_consecutive_in_the_shards_of_their_group() -> None:
    bias = {"name": "bias", "shape": [], "dtype": "int32"}
    data = bytes(range(52))
    manifest = [{"paths": ["a", "b"], "weights": [KERNEL, bias]}]
    assert read_weights(manifest, {"a": data[:20], "b": data[20:]}) == {
        "kernel": Weight((2, 2, 3, 1), data[:48]),
        "bias": Weight((), data[48:]),
    }


@pytest.mark.parametrize("change", [{"dtype": "uint8"}, {"quantization": {"dtype": "uint8", "scale": 1, "min": 0}}])
def test_weights_of_another_type_are_rejected_by_name(change: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="kernel is not float32 or int32"):
        read_weights([{"paths": ["a"], "weights": [KERNEL | change]}], {"a": bytes(48)})
