"""Runs each function's handler on images, for `bench/functions.py`."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench.assembly import BuiltFunction, unpack
from bench.function_images import TYPICAL, WORST, worst
from safelight_local.emulator.process import Emulator, running_emulator

PREPARING = frozenset({"Moderator", "GetLabels"})
"""Functions that make an analysis image if Rekognition does not accept the upload."""

_PROCESS = Path(__file__).with_name("function_process.py")
_WITHOUT_RAW = frozenset({"Resizer"}) | PREPARING
_DECODE = frozenset({"Prepare", "Render"}) | _WITHOUT_RAW
_NEEDS_LAYER = frozenset({"HEIC", "DNG"})
# GetLabels makes its analysis images like Moderator.
_SAME_AS_ANOTHER = "GetLabels"
_UPLOADS, _PUBLISHED, _ANALYSIS, _RECORDS = "uploads", "published", "analysis", "records"


@dataclass(frozen=True, kw_only=True)
class Run:
    """The measurements of one function for one image.

    Attributes
    ----------
    function, image
        Their names.
    is_worst
        Whether the image is one of the worst accepted images, not a typical one.
    first, warm
        Processor milliseconds of the first invocation in a new environment, including imports and clients, and the
        median of the later ones. The worst images only have a first invocation.
    wall
        Elapsed milliseconds, as `warm`.
    peak
        Peak memory of its processes, in MiB.
    calls
        Number of calls of each service by an invocation.
    outcome
        `done`, or why the image was rejected or the function broke.
    """

    function: str
    image: str
    is_worst: bool
    first: float
    warm: float
    wall: float
    peak: float
    calls: Mapping[str, int] = field(default_factory=dict)
    outcome: str


def measure_runs(
    functions: Iterable[BuiltFunction], *, rounds: int, folder: Path, progress: Callable[[str], None]
) -> list[Run]:
    """Run each function on each image that it can get.

    Parameters
    ----------
    functions
        Built for this machine.
    rounds
        Invocations with each typical image, including the first.
    folder
        A folder for the emulator's files, the images and the layers.
    progress
        Called with the name of each measurement.
    """
    functions = list(functions)
    with running_emulator(folder) as emulator:
        _make_resources(emulator)
        runs = []
        for image, is_worst, data in _images(folder):
            for function in functions:
                if _meets(function.id, image=image, is_worst=is_worst):
                    progress(f"{function.id}: {image}")
                    # Each round has its own upload, because existing renditions would change the measurement.
                    uploads = [
                        _upload(emulator, data, key=f"{function.id}/{image}/{number}")
                        for number in range(1 if is_worst else rounds)
                    ]
                    measured = _measure(function, uploads=uploads, folder=folder, emulator=emulator)
                    runs.append(Run(function=function.id, image=image, is_worst=is_worst, **measured))
                    for upload in uploads:
                        # The emulator keeps them in memory.
                        emulator.endpoints.s3.delete_object(
                            Bucket=_UPLOADS, Key=upload["key"], VersionId=upload["versionId"]
                        )
        return runs


def _images(folder: Path) -> Iterator[tuple[str, bool, bytes]]:
    for name, make in TYPICAL.items():
        yield name, False, make()
    for kind in WORST:
        yield kind, True, worst(kind, folder=folder)


def _meets(function: str, *, image: str, is_worst: bool) -> bool:
    if function in _WITHOUT_RAW and image.split()[0].strip(",") in _NEEDS_LAYER:
        return False
    if function in _DECODE:
        return not (is_worst and function == _SAME_AS_ANOTHER)
    # The other functions read at most a header, so one image is enough.
    return image == next(iter(TYPICAL))


def _make_resources(emulator: Emulator) -> None:
    for bucket in (_UPLOADS, _PUBLISHED, _ANALYSIS):
        emulator.endpoints.s3.create_bucket(Bucket=bucket)
    emulator.endpoints.s3.put_bucket_versioning(Bucket=_UPLOADS, VersioningConfiguration={"Status": "Enabled"})
    emulator.endpoints.dynamodb.create_table(
        TableName=_RECORDS,
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
        AttributeDefinitions=[
            {"AttributeName": "pk", "AttributeType": "S"},
            {"AttributeName": "sk", "AttributeType": "S"},
        ],
    )


def _upload(emulator: Emulator, data: bytes, *, key: str) -> dict[str, Any]:
    answer = emulator.endpoints.s3.put_object(Bucket=_UPLOADS, Key=key, Body=data)
    return {
        "bucket": _UPLOADS,
        "key": key,
        "size": len(data),
        "etag": answer["ETag"].strip('"'),
        "sequencer": "0A",
        "versionId": answer["VersionId"],
    }


def _event(upload: dict[str, Any], *, function: str) -> dict[str, Any]:
    """Make an event that has every field that a step reads."""
    # Before v5, a check looks at the upload itself.
    analysis = {
        "analysis": {name: upload[name] for name in ("bucket", "key", "versionId")},
        "check": {"required": [], "allow": []},
    }
    return ({} if function in PREPARING else analysis) | {
        "image": upload,
        "execution": "arn:aws:states:us-east-1:000000000000:execution:bench:1",
        "onReject": "KEEP",
        "workflow": "bench",
        "version": "v5",
        "route": "place",
        "checks": [],
        "dimensions": {"width": 4032, "height": 3024, "type": "JPEG"},
        "renditions": [{"name": "tile", "key": f"{upload['key']}/tile.jpg"}],
    }


def _measure(
    function: BuiltFunction, *, uploads: Iterable[dict[str, Any]], folder: Path, emulator: Emulator
) -> dict[str, Any]:
    deployed = {
        "PUBLISHED_BUCKET": _PUBLISHED,
        "ANALYSIS_BUCKET": _ANALYSIS,
        "RECORDS_TABLE": _RECORDS,
        "EVENT_BUS": "default",
    }
    environment = {name: deployed[name] if value is None else value for name, value in function.environment.items()}
    order = {"package": function.package, "events": [_event(upload, function=function.id) for upload in uploads]}
    paths = os.pathsep.join(map(str, unpack(function, folder=folder)))
    done = subprocess.run(  # noqa: S603
        [sys.executable, str(_PROCESS)],
        input=json.dumps(order),
        env=emulator.endpoints.environment() | environment | {"PYTHONPATH": paths, "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SystemExit(f"{function.id} failed:\n{done.stderr}")
    measured: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return measured
