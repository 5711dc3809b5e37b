"""Look for people in a worker process, so that a hostile image cannot break the calling process."""

from imagekit.geometry import Box
from imagekit.sandbox.persistent_worker import MAX_WORKER_BYTES, PersistentWorker
from imagekit.sandbox.process import Task
from imagekit.tiles import Tiles
from visionkit.detection import Found, PeopleDetection

_USES = "visionkit.tasks"
_NETWORKS = "visionkit.loaded_networks"
# Time-outs of the functions that look are 30 and 40 seconds.
_MAX_SECONDS = 20

worker = PersistentWorker(uses=[_USES])
"""The worker. It keeps the models in memory."""


def see_people_in_sandbox(data: bytes, *, min_confidence: float, tiles: Tiles) -> PeopleDetection:
    """Look for people as `visionkit.people.see_people` does, in the worker.

    Raises ImageRejected: `UNREADABLE_IMAGE` if the image crashes its decoder; `IMAGE_TOO_LARGE` if it needs too much
    memory or processor time. Raises WorkerFailedError: a model is missing, the image cannot be decoded, or the worker
    failed otherwise.
    """
    task = Task(
        use=f"{_USES}:look_for_people",
        arguments={"min_confidence": min_confidence, "tiles": tiles},
        max_memory=MAX_WORKER_BYTES,
        max_seconds=_MAX_SECONDS,
        imports=[_NETWORKS],
    )
    told = worker.perform(task, data=data).findings
    found = [Found(name=one["name"], confidence=one["confidence"], box=Box(**one["box"])) for one in told["found"]]
    return PeopleDetection(confidence=told["confidence"], people=told["people"], found=found)
