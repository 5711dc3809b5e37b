"""The functions of a workflow or a delivery, with their code and layers, read from a cloud assembly of the library."""

import json
import os
import re
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aws_cdk import App, Stack, aws_s3

from safelight import Check, Detector, ImageDelivery, ImageWorkflow, Route, WorkflowVersion
from safelight.core.platform import CONTEXT_KEY

# The suffix that the CDK adds to the id of a construct.
_HASH = re.compile(r"[0-9A-F]{8}$")
_HANDLER = ".handler.handler"
_CONSTRUCT = "Workflow"

EVERY_CHECK = Route(
    checks=[Check.moderation(), Check.no_people(), Check.labels(required=["Tree"]), Check.words(required=["HELLO"])]
)
"""A route that needs all functions of v5."""

WORKFLOWS: Mapping[str, Mapping[str, Any]] = {
    **{version.value: {"version": version} for version in WorkflowVersion if version is not WorkflowVersion.V5},
    "v5": {"version": WorkflowVersion.V5, "routes": {"place": EVERY_CHECK}},
    "v5 with Detector.OPENCV": {
        "version": WorkflowVersion.V5,
        "detector": Detector.OPENCV,
        "routes": {"place": EVERY_CHECK},
    },
}
"""Arguments of workflows that together have every function, by the name of the workflow."""


@dataclass(frozen=True, kw_only=True)
class BuiltFunction:
    """One step's function, as it is deployed.

    Attributes
    ----------
    id
        The step's name, such as `Resizer`.
    package
        Its own package, such as `image_workflow.resize`.
    memory
        MiB.
    timeout
        Seconds.
    environment
        Its environment variables. Values that are known at deployment, such as the name of a bucket, are None.
    code
        A zip file.
    layers
        By the layer's name, in lower case: a zip file, or a folder.
    """

    id: str
    package: str
    memory: int
    timeout: int
    environment: dict[str, str | None]
    code: Path
    layers: dict[str, Path]

    @property
    def assets(self) -> list[Path]:
        """All assets that Lambda unpacks for it."""
        return [self.code, *self.layers.values()]


def build_functions(folder: Path, *, platform: str, **arguments: Any) -> list[BuiltFunction]:
    """Build the functions of a workflow.

    Parameters
    ----------
    folder
        The folder for the cloud assembly, which has the assets of the functions.
    platform
        The context value `safelight:platform`: `local`, or a processor such as `3.13-arm64`.
    arguments
        The arguments of `ImageWorkflow`.
    """
    return _build(
        lambda stack: ImageWorkflow(stack, _CONSTRUCT, **arguments),
        folder=folder,
        platform=platform,
    )


def build_delivery_functions(folder: Path, *, platform: str) -> list[BuiltFunction]:
    """Build the functions of a delivery with CloudFront that is open to all.

    Parameters
    ----------
    folder, platform
        As for `build_functions`.
    """
    return _build(
        lambda stack: ImageDelivery(stack, _CONSTRUCT, source=aws_s3.Bucket(stack, "Photos"), open_to_all=True),
        folder=folder,
        platform=platform,
    )


def _build(add_to: Callable[[Stack], object], *, folder: Path, platform: str) -> list[BuiltFunction]:
    # Validation takes longer than synthesis.
    app = App(outdir=str(folder), context={CONTEXT_KEY: platform}, builtin_cloud_formation_validation=False)
    stack = Stack(app, "Built")
    add_to(stack)
    app.synth()
    template = json.loads((folder / "Built.template.json").read_text())["Resources"]
    assets = json.loads((folder / "Built.assets.json").read_text())["files"]

    def asset(key: str) -> Path:
        return folder / str(assets[key.removesuffix(".zip")]["source"]["path"])

    def layers(references: Sequence[dict[str, str]]) -> dict[str, Path]:
        names = (reference["Ref"] for reference in references)
        return {_layer_name(name): asset(template[name]["Properties"]["Content"]["S3Key"]) for name in names}

    return [
        BuiltFunction(
            id=_HASH.sub("", logical_id).removeprefix(_CONSTRUCT),
            package=properties["Handler"].removesuffix(_HANDLER),
            memory=properties["MemorySize"],
            timeout=properties["Timeout"],
            environment={
                name: value if isinstance(value, str) else None
                for name, value in properties["Environment"]["Variables"].items()
            },
            code=asset(properties["Code"]["S3Key"]),
            layers=layers(properties.get("Layers", [])),
        )
        for logical_id, resource in template.items()
        if resource["Type"] == "AWS::Lambda::Function"
        and (properties := resource["Properties"])["Handler"].endswith(_HANDLER)
    ]


def files_of(asset: Path) -> dict[str, int]:
    """Return the size of each file of an asset, unzipped, by its path."""
    if asset.is_dir():
        files = (Path(folder) / name for folder, _, names in os.walk(asset) for name in names)
        return {str(file.relative_to(asset)): file.stat().st_size for file in files}
    with zipfile.ZipFile(asset) as archive:
        return {entry.filename: entry.file_size for entry in archive.infolist()}


def unpack(function: BuiltFunction, *, folder: Path) -> list[Path]:
    """Unpack a function's code and layers like Lambda, and return the import path in order.

    Parameters
    ----------
    function
        The function.
    folder
        The folder for unpacked zip files. Each is unpacked once.
    """
    return [
        _unpacked(function.code, folder=folder),
        *(_unpacked(layer, folder=folder) / "python" for layer in function.layers.values()),
    ]


def _unpacked(asset: Path, *, folder: Path) -> Path:
    if asset.is_dir():
        return asset
    place = folder / asset.stem
    if not place.is_dir():
        with zipfile.ZipFile(asset) as archive:
            archive.extractall(place)
    return place


def _layer_name(logical_id: str) -> str:
    return _HASH.sub("", logical_id).removeprefix(_CONSTRUCT).removesuffix("Layer").lower()
