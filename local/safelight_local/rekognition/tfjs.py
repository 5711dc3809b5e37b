"""Turns a frozen TensorFlow.js graph model into ONNX, so that no TensorFlow is needed to run it.

It knows the operations that an SSD MobileNet is made of and refuses any other by name. A TensorFlow.js
graph model is a ``model.json`` (a GraphDef written as JSON, whose string attributes are lists of bytes) and
binary shards that hold the weights one after the other in the order of the manifest:
https://github.com/tensorflow/tfjs/tree/master/tfjs-converter
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
from onnx import TensorProto, helper, numpy_helper

_OPSET = 13
_IR_VERSION = 8
_SAME_OPS = {"Add": "Add", "AddN": "Sum", "Mul": "Mul", "BiasAdd": "Add"}
_NHWC_TO_NCHW = [0, 3, 1, 2]
_NCHW_TO_NHWC = [0, 2, 3, 1]


@dataclass(frozen=True)
class _Graph:
    nodes: Mapping[str, dict[str, Any]]
    weights: Mapping[str, npt.NDArray[Any]]
    onnx_nodes: list[onnx.NodeProto] = field(default_factory=list)
    constants: dict[str, npt.NDArray[Any]] = field(default_factory=dict)


def read_weights(manifest: Sequence[Mapping[str, Any]], shards: Mapping[str, bytes]) -> dict[str, npt.NDArray[Any]]:
    """Cut the shards of a TensorFlow.js model into its named weights.

    Parameters
    ----------
    manifest
        The ``weightsManifest`` of ``model.json``. Only unquantised float32 and int32 weights are known.
    shards
        The bytes of each shard by its path in the manifest.
    """
    weights: dict[str, npt.NDArray[Any]] = {}
    for group in manifest:
        data = b"".join(shards[path] for path in group["paths"])
        offset = 0
        for weight in group["weights"]:
            dtype = np.dtype({"float32": "<f4", "int32": "<i4"}[weight["dtype"]])
            count = int(np.prod(weight["shape"], dtype=np.int64))
            values = np.frombuffer(data, dtype=dtype, count=count, offset=offset)
            weights[weight["name"]] = values.reshape(weight["shape"])
            offset += count * dtype.itemsize
    return weights


def convert(
    model_json: bytes,
    *,
    shards: Mapping[str, bytes],
    source: str,
    source_shape: Sequence[int],
    outputs: Mapping[str, Sequence[int]],
) -> bytes:
    """Convert the part of a TensorFlow.js graph that lies between one input and some outputs.

    Parameters
    ----------
    model_json
        The text of ``model.json``.
    shards
        The bytes of each weight shard by its path in the manifest.
    source
        The node that becomes the input of the ONNX model, float32. Nodes before it are dropped.
    source_shape
        The shape of that input, NHWC, with a batch of 1.
    outputs
        The nodes that become the outputs of the ONNX model, in this order, with their shapes.

    Returns
    -------
    bytes
        A serialised ONNX model. Outputs keep their TensorFlow names.

    Raises
    ------
    ValueError
        When the part holds an operation that the converter does not know.
    """
    model = json.loads(model_json)
    nodes = {node["name"]: node for node in model["modelTopology"]["node"]}
    graph = _Graph(nodes=nodes, weights=read_weights(model["weightsManifest"], shards))
    for name in _in_order(nodes, source=source, outputs=outputs):
        _convert_node(graph, nodes[name])
    used = {name for node in graph.onnx_nodes for name in node.input}
    onnx_graph = helper.make_graph(
        graph.onnx_nodes,
        "tfjs",
        [helper.make_tensor_value_info(source, TensorProto.FLOAT, list(source_shape))],
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, list(shape)) for name, shape in outputs.items()],
        [
            numpy_helper.from_array(np.ascontiguousarray(values), name)
            for name, values in graph.constants.items()
            if name in used
        ],
    )
    onnx_model = helper.make_model(onnx_graph, opset_imports=[helper.make_opsetid("", _OPSET)])
    onnx_model.ir_version = _IR_VERSION
    onnx.checker.check_model(onnx_model)
    serialised: bytes = onnx_model.SerializeToString(deterministic=True)
    return serialised


def _in_order(nodes: Mapping[str, dict[str, Any]], *, source: str, outputs: Iterable[str]) -> list[str]:
    """Return the names of the nodes to convert, each after the ones that it needs."""
    ordered: dict[str, None] = {}
    pending = list(outputs)
    while pending:
        name = pending[-1]
        # Shapes are folded into the Reshape that uses them, so the nodes that compute shapes are not converted.
        inputs = nodes[name].get("input", [])[: 1 if nodes[name]["op"] == "Reshape" else None]
        missing = [each for each in inputs if each != source and each not in ordered]
        pending.extend(missing)
        if not missing:
            ordered[pending.pop()] = None
    return list(ordered)


def _convert_node(graph: _Graph, node: Mapping[str, Any]) -> None:
    operation, name, inputs = node["op"], node["name"], list(node.get("input", []))
    if operation == "Const":
        graph.constants[name] = graph.weights[name]
    elif operation in _SAME_OPS:
        graph.onnx_nodes.append(helper.make_node(_SAME_OPS[operation], inputs, [name]))
    elif operation == "Relu6":
        graph.constants["relu6/min"] = np.array(0, dtype=np.float32)
        graph.constants["relu6/max"] = np.array(6, dtype=np.float32)
        graph.onnx_nodes.append(helper.make_node("Clip", [*inputs, "relu6/min", "relu6/max"], [name]))
    elif operation in ("Conv2D", "DepthwiseConv2dNative"):
        _convert_convolution(graph, node)
    elif operation == "FusedBatchNorm":
        _convert_batch_norm(graph, node)
    elif operation == "Reshape":
        graph.constants[f"{name}/shape"] = _reshape_target(graph, inputs[1])
        graph.onnx_nodes.append(helper.make_node("Reshape", [inputs[0], f"{name}/shape"], [name]))
    elif operation == "ConcatV2":
        axis = int(graph.weights[inputs[-1]])
        graph.onnx_nodes.append(helper.make_node("Concat", inputs[:-1], [name], axis=axis))
    else:
        raise ValueError(f"The TensorFlow.js graph has an operation that cannot be converted: {operation}")


def _convert_convolution(graph: _Graph, node: Mapping[str, Any]) -> None:
    """Wrap a convolution in transposes: ONNX's has its channels first, TensorFlow's has them last."""
    name, (image, kernel) = node["name"], node["input"]
    attributes = node["attr"]
    if bytes(attributes["padding"]["s"]) != b"SAME":
        raise ValueError(f"The convolution {name} is not padded as SAME.")
    height, width, channels, multiplier = graph.weights[kernel].shape
    if node["op"] == "Conv2D":
        group, kernels = 1, graph.weights[kernel].transpose(3, 2, 0, 1)
    else:
        kernels = graph.weights[kernel].transpose(2, 3, 0, 1).reshape(channels * multiplier, 1, height, width)
        group = channels
    graph.constants[f"{name}/kernel"] = kernels
    graph.onnx_nodes.extend(
        [
            helper.make_node("Transpose", [image], [f"{name}/nchw"], perm=_NHWC_TO_NCHW),
            helper.make_node(
                "Conv",
                [f"{name}/nchw", f"{name}/kernel"],
                [f"{name}/conv"],
                auto_pad="SAME_UPPER",
                strides=[int(step) for step in attributes["strides"]["list"]["i"][1:3]],
                dilations=[int(step) for step in attributes["dilations"]["list"]["i"][1:3]],
                group=group,
            ),
            helper.make_node("Transpose", [f"{name}/conv"], [name], perm=_NCHW_TO_NHWC),
        ]
    )


def _convert_batch_norm(graph: _Graph, node: Mapping[str, Any]) -> None:
    """Fold a batch normalisation with known mean and variance into one product and one sum."""
    name, image = node["name"], node["input"][0]
    gamma, beta, mean, variance = (graph.weights[each] for each in node["input"][1:5])
    scale = gamma / np.sqrt(variance + np.float32(node["attr"]["epsilon"]["f"]))
    graph.constants[f"{name}/scale"] = scale
    graph.constants[f"{name}/shift"] = beta - mean * scale
    graph.onnx_nodes.extend(
        [
            helper.make_node("Mul", [image, f"{name}/scale"], [f"{name}/scaled"]),
            helper.make_node("Add", [f"{name}/scaled", f"{name}/shift"], [name]),
        ]
    )


def _reshape_target(graph: _Graph, name: str) -> npt.NDArray[np.int64]:
    """Return the shape that a Reshape is given.

    It is a constant, or packed of constants and of the batch's size read from another shape, which is 1.
    """
    if name in graph.weights:
        return graph.weights[name].astype(np.int64)
    parts = [int(graph.weights[each]) if each in graph.weights else 1 for each in graph.nodes[name]["input"]]
    return np.array(parts, dtype=np.int64)
