"""De-identify in a worker process, so that a hostile file cannot break the calling process."""

from dicomkit.burned_in import TextReaderFailedError
from dicomkit.deidentify import Deidentified
from dicomkit.pseudonyms import Pseudonyms
from dicomkit.quarantine import Quarantined, QuarantineReason
from imagekit.rejection import ImageFault, ImageRejected
from imagekit.sandbox.persistent_worker import MAX_WORKER_BYTES, PersistentWorker
from imagekit.sandbox.process import Task
from safelight_contracts.redaction.dicom import Dates

MAX_SECONDS = 600
"""The most processor seconds for a file. A million pixels take about 0.8 of them in each rendering of a frame."""

_USES = "dicomkit.tasks"

worker = PersistentWorker(uses=[_USES])
"""The worker."""


def deidentify_in_sandbox(
    data: bytes,
    *,
    pseudonyms: Pseudonyms,
    dates: Dates,
    reader: str | None,
    max_memory: int = MAX_WORKER_BYTES,
    max_seconds: int = MAX_SECONDS,
) -> Deidentified:
    """De-identify a file as `deidentify_with_picture` does, in the worker.

    `reader`: the function that finds text, as `module:name`. None: nobody looks for text, as in `deidentify`.
    `max_memory`: the most bytes of memory for the file. Default: `MAX_WORKER_BYTES`.
    `max_seconds`: the most processor seconds. Default: `MAX_SECONDS`.

    Raises
    ------
    Quarantined
        If it is not sure that nothing is left. `TOO_LARGE` if the file needs too much memory or time. `UNDECODABLE`
        if it crashes its decoder.
    TextReaderFailedError
        If the reader of text fails.
    WorkerFailedError
        If the worker fails otherwise.
    """
    task = Task(
        use=f"{_USES}:make_deidentified",
        arguments={"key": pseudonyms.key, "dates": dates, "reader": reader},
        max_memory=max_memory,
        max_seconds=max_seconds,
        imports=[] if reader is None else [reader.partition(":")[0]],
    )
    try:
        answer = worker.perform(task, data=data)
    except ImageRejected as rejection:
        is_large = rejection.reason is ImageFault.IMAGE_TOO_LARGE
        raise Quarantined(QuarantineReason.TOO_LARGE if is_large else QuarantineReason.UNDECODABLE) from None
    told = answer.findings
    if "quarantined" in told:
        raise Quarantined(QuarantineReason(told["quarantined"]))
    if "reader_failed" in told:
        raise TextReaderFailedError(told["reader_failed"])
    return Deidentified(data=answer.files[0], key=told["key"], refused=told["refused"])
