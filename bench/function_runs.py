"""Runs each function's handler on images, for `bench/functions.py`."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench.assembly import BuiltFunction, unpack
from bench.function_events import event_of, items_before
from bench.function_images import TYPICAL, WORST, worst
from bench.peaks import peak_mib
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
        Peak memory of its processes, in MiB: see `bench.peaks`.
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
    events = [event_of(function.id, image=upload) for upload in uploads]
    for event in events:
        for stored in items_before(function.id, event=event, environment=environment):
            emulator.endpoints.dynamodb.put_item(TableName=_RECORDS, Item=stored)
    order = {"package": function.package, "events": events}
    paths = os.pathsep.join(map(str, unpack(function, folder=folder)))
    process = subprocess.Popen(  # noqa: S603
        [sys.executable, str(_PROCESS)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=emulator.endpoints.environment() | environment | {"PYTHONPATH": paths, "PYTHONDONTWRITEBYTECODE": "1"},
        text=True,
    )
    with ThreadPoolExecutor(max_workers=1) as executor:
        streams = executor.submit(process.communicate, json.dumps(order))
        peak = peak_mib(process.pid, has_ended=streams.done)
    output, errors = streams.result()
    if process.returncode:
        raise SystemExit(f"{function.id} failed:\n{errors}")
    measured: dict[str, Any] = json.loads(output.splitlines()[-1])
    return measured | {"peak": peak}
