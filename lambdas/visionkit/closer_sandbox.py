"""Find small faces in a worker process, so that a hostile picture cannot break the calling process."""

from imagekit.geometry import Box
from imagekit.sandbox.persistent_worker import MAX_WORKER_BYTES, PersistentWorker
from imagekit.sandbox.process import Task
from visionkit.detection import Found

_USES = "visionkit.closer_tasks"
_NETWORKS = "visionkit.loaded_networks"
# A picture is searched in 21 parts and in a border. Each takes about 20 ms.
_MAX_SECONDS = 20

worker = PersistentWorker(uses=[_USES])
"""The worker. It keeps the models in memory."""


def find_faces_in_sandbox(data: bytes, *, min_confidence: float) -> list[Found]:
    """Find faces as `visionkit.closer_faces.find_faces_closely` does, in the worker.

    Raises ImageRejected, WorkerFailedError as for `visionkit.sandbox.see_people_in_sandbox`.
    """
    task = Task(
        use=f"{_USES}:look_for_faces",
        arguments={"min_confidence": min_confidence},
        max_memory=MAX_WORKER_BYTES,
        max_seconds=_MAX_SECONDS,
        imports=[_NETWORKS],
    )
    told = worker.perform(task, data=data).findings
    return [Found(name=one["name"], confidence=one["confidence"], box=Box(**one["box"])) for one in told]
