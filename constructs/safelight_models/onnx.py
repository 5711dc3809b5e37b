"""Converts COCO-SSD from TensorFlow.js to ONNX with the standard library only, so that synthesis needs no NumPy.

It supports only the operations of that model, and raises an error for any other. Formats: the GraphDef in JSON and the
weight manifest of https://github.com/tensorflow/tfjs/tree/master/tfjs-converter, and the protocol buffers of
https://github.com/onnx/onnx/blob/main/onnx/onnx.proto, whose field numbers are given with each message.
"""

import json
import math
import struct
from array import array
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

_OPSET = 13
_IR_VERSION = 8
_FLOAT, _INT64 = 1, 7
_BINARY_OPERATIONS = {"Add": "Add", "AddN": "Add", "BiasAdd": "Add", "Mul": "Mul"}


@dataclass(frozen=True)
class Weight:
    """A constant tensor: its shape, and its little-endian values."""

    shape: tuple[int, ...]
    data: bytes


def read_weights(manifest: Sequence[Mapping[str, Any]], shards: Mapping[str, bytes]) -> dict[str, Weight]:
    """Split the shards of a TensorFlow.js model into its named weights.

    Parameters
    ----------
    manifest
        The ``weightsManifest`` of ``model.json``.
    shards
        The bytes of each shard by its path in the manifest.

    Raises
    ------
    ValueError
        If a weight is neither float32 nor int32, or is quantized.
    """
    weights: dict[str, Weight] = {}
    for group in manifest:
        data = b"".join(shards[path] for path in group["paths"])
        offset = 0
        for each in group["weights"]:
            if each["dtype"] not in ("float32", "int32") or "quantization" in each:
                raise ValueError(f"The weight {each['name']} is not float32 or int32.")
            size = 4 * math.prod(each["shape"])
            weights[each["name"]] = Weight(tuple(each["shape"]), data[offset : offset + size])
            offset += size
    return weights


def convert(
    model_json: bytes,
    *,
    weights: Mapping[str, Weight],
    source: str,
    side: int,
    outputs: Mapping[str, Sequence[int]],
) -> bytes:
    """Convert the part of the graph that lies between one input and some outputs.

    Parameters
    ----------
    model_json
        The text of ``model.json``.
    weights
        The result of `read_weights`.
    source
        The node that becomes the input: 1 x 3 x side x side, float32. The nodes that compute it are omitted.
    side
        Pixels.
    outputs
        The nodes that become the outputs, with their shapes. Each is the concatenation along axis 1 of one tensor per
        SSD feature map.

    Returns
    -------
    bytes
        A serialised ONNX model. The conversion is deterministic.

    Raises
    ------
    ValueError
        If the part has an unknown operation, or a convolution that is not padded as SAME or is dilated.
    """
    nodes = {node["name"]: node for node in json.loads(model_json)["modelTopology"]["node"]}
    shapes = {name: shape for output, shape in outputs.items() for name in nodes[output]["input"]}
    sides = {source: side}
    written, constants = list[bytes](), {"zero": _tensor("zero", (), struct.pack("<f", 0))}
    constants["six"] = _tensor("six", (), struct.pack("<f", 6))
    for name in _in_order(nodes, source=source, outputs=outputs):
        node = nodes[name]
        operation, inputs = node["op"], list(node.get("input", []))
        if operation == "Const":
            continue
        sides[name] = next((sides[each] for each in inputs if each in sides), 0)
        if operation in _BINARY_OPERATIONS and len(inputs) == 2:
            for each in set(inputs) & set(weights):
                # Values by channel: channels come before height and width here.
                shape = weights[each].shape
                constants[each] = _tensor(each, (*shape, 1, 1) if len(shape) == 1 else shape, weights[each].data)
            written.append(_node(_BINARY_OPERATIONS[operation], inputs, name))
        elif operation == "Relu6":
            written.append(_node("Clip", [inputs[0], "zero", "six"], name))
        elif operation == "FusedBatchNorm":
            constants |= {each: _tensor(each, weights[each].shape, weights[each].data) for each in inputs[1:]}
            written.append(_node("BatchNormalization", inputs, name, _float("epsilon", node["attr"]["epsilon"]["f"])))
        elif operation in ("Conv2D", "DepthwiseConv2dNative"):
            attributes = node["attr"]
            if bytes(attributes["padding"]["s"]) != b"SAME":
                raise ValueError(f"The convolution {name} is not padded as SAME.")
            if {int(step) for step in attributes["dilations"]["list"]["i"]} != {1}:
                raise ValueError(f"The convolution {name} is dilated.")
            stride = int(attributes["strides"]["list"]["i"][1])
            shape, data = _kernel(weights[inputs[1]], depthwise=operation != "Conv2D")
            constants[inputs[1]] = _tensor(inputs[1], shape, data)
            sides[name] = -(-sides[inputs[0]] // stride)
            written.append(
                _node(
                    "Conv",
                    inputs,
                    name,
                    _integers("pads", _same_padding(sides[inputs[0]], kernel=shape[2], stride=stride)),
                    _integers("strides", [stride, stride]),
                    _integers("kernel_shape", shape[2:]),
                    _integer("group", 1 if operation == "Conv2D" else shape[0]),
                )
            )
        elif operation == "Reshape":
            target = [1, -1, *shapes[name][2:]]
            constants[f"{name}/shape"] = _tensor(
                f"{name}/shape", (len(target),), struct.pack(f"<{len(target)}q", *target), kind=_INT64
            )
            written.append(_node("Transpose", [inputs[0]], f"{name}/nhwc", _integers("perm", [0, 2, 3, 1])))
            written.append(_node("Reshape", [f"{name}/nhwc", f"{name}/shape"], name))
        elif operation == "ConcatV2":
            written.append(_node("Concat", inputs[:-1], name, _integer("axis", 1)))
        else:
            raise ValueError(f"The TensorFlow.js graph has an operation that cannot be converted: {operation}")
    # GraphProto: node 1, name 2, initializer 5, input 11, output 12. ModelProto: ir_version 1, graph 7, opset 8.
    graph = b"".join(
        [
            *(_message(1, each) for each in written),
            _message(2, b"tfjs"),
            *(_message(5, each) for each in constants.values()),
            _message(11, _value(source, (1, 3, side, side))),
            *(_message(12, _value(name, shape)) for name, shape in outputs.items()),
        ]
    )
    opset = _message(1, b"") + _number(2, _OPSET)
    return _number(1, _IR_VERSION) + _message(8, opset) + _message(7, graph)


def _in_order(nodes: Mapping[str, dict[str, Any]], *, source: str, outputs: Iterable[str]) -> list[str]:
    """Return the names of the nodes to convert, each after its inputs."""
    ordered: dict[str, None] = {}
    pending = list(outputs)
    while pending:
        name = pending[-1]
        # A shape is known from the outputs, so nothing that computes one is converted.
        inputs = nodes[name].get("input", [])[: 1 if nodes[name]["op"] == "Reshape" else None]
        missing = [each for each in inputs if each != source and each not in ordered]
        pending.extend(missing)
        if not missing:
            ordered[pending.pop()] = None
    return list(ordered)


def _same_padding(size: int, *, kernel: int, stride: int) -> list[int]:
    """Return TensorFlow's SAME padding: top, left, bottom, right.

    It is explicit, because with ONNX's SAME_UPPER OpenCV 5.0.0 computes other values than 4.14 and ONNX Runtime.
    """
    total = max((-(-size // stride) - 1) * stride + kernel - size, 0)
    return [total // 2, total // 2, total - total // 2, total - total // 2]


def _kernel(kernel: Weight, *, depthwise: bool) -> tuple[tuple[int, ...], bytes]:
    """Reorder a kernel from height, width, in, out to out, in, height, width."""
    height, width, channels, count = kernel.shape
    values, turned = array("I", kernel.data), array("I")
    if depthwise:
        for channel in range(channels * count):
            turned += values[channel :: channels * count]
        return (channels * count, 1, height, width), turned.tobytes()
    for out in range(count):
        one = values[out::count]
        for channel in range(channels):
            turned += one[channel::channels]
    return (count, channels, height, width), turned.tobytes()


def _varint(value: int) -> bytes:
    # Negative numbers are written as their two's complement of 64 bits.
    value &= (1 << 64) - 1
    written = bytearray()
    while value > 127:
        written.append(value & 127 | 128)
        value >>= 7
    return bytes([*written, value])


def _number(field: int, value: int) -> bytes:
    return _varint(field << 3) + _varint(value)


def _message(field: int, data: bytes) -> bytes:
    return _varint(field << 3 | 2) + _varint(len(data)) + data


# AttributeProto: name 1, f 2, i 3, ints 8, type 20 (FLOAT 1, INT 2, INTS 7).
def _float(name: str, value: float) -> bytes:
    return _message(1, name.encode()) + _varint(2 << 3 | 5) + struct.pack("<f", value) + _number(20, 1)


def _integer(name: str, value: int) -> bytes:
    return _message(1, name.encode()) + _number(3, value) + _number(20, 2)


def _integers(name: str, values: Iterable[int]) -> bytes:
    return _message(1, name.encode()) + b"".join(_number(8, value) for value in values) + _number(20, 7)


def _node(operation: str, inputs: Iterable[str], output: str, *attributes: bytes) -> bytes:
    # NodeProto: input 1, output 2, name 3, op_type 4, attribute 5.
    read = b"".join(_message(1, each.encode()) for each in inputs)
    names = _message(2, output.encode()) + _message(3, output.encode()) + _message(4, operation.encode())
    return read + names + b"".join(_message(5, each) for each in attributes)


def _tensor(name: str, shape: Iterable[int], data: bytes, *, kind: int = _FLOAT) -> bytes:
    # TensorProto: dims 1, data_type 2, name 8, raw_data 9.
    dimensions = b"".join(_number(1, each) for each in shape)
    return dimensions + _number(2, kind) + _message(8, name.encode()) + _message(9, data)


def _value(name: str, shape: Iterable[int]) -> bytes:
    # ValueInfoProto: name 1, type 2. TypeProto: tensor_type 1 with elem_type 1, shape 2 of dim 1 with dim_value 1.
    dimensions = b"".join(_message(1, _number(1, each)) for each in shape)
    tensor = _number(1, _FLOAT) + _message(2, dimensions)
    return _message(1, name.encode()) + _message(2, _message(1, tensor))
