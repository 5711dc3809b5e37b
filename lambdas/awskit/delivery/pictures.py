"""Make pictures in a worker process, within a request's time."""

import os
import signal
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from threading import Event, Lock, Timer

from awskit.delivery.budget import Budget, timeout
from imagekit.geometry import Box
from imagekit.operations.delivered import DeliveredImage, EncodedImage
from imagekit.rendering.prepared_image import PreparedImage
from imagekit.sandbox import delivery, images
from imagekit.sandbox.persistent_worker import PersistentWorker
from imagekit.sandbox.worker import WorkerFailedError
from safelight_contracts.delivery.accept import AcceptedType
from safelight_contracts.delivery.operations import ImagePlan, Output
from safelight_contracts.delivery.overlays import Overlay
from safelight_contracts.delivery.shaping import Resize, ResizeFit
from safelight_contracts.image_types import ImageType
from safelight_contracts.limits import Limits
from safelight_contracts.presentation import LIGHT_AND_DARK, Presentation

_SMALL_SIDE = 1_600
_SMALL = ImagePlan(
    operations=(Resize(width=_SMALL_SIDE, height=_SMALL_SIDE, fit=ResizeFit.INSIDE, enlarge=False),),
    output=Output(type=ImageType.JPEG, quality=90, animated=False),
)
_ON_ANY_PAGE = Presentation(backgrounds=LIGHT_AND_DARK)
# A worker handles one file at a time. Lambda sends a function one request at a time, but other servers do not.
_WORKING = Lock()


def make_picture(
    source: EncodedImage,
    *,
    plan: ImagePlan,
    accepted: AcceptedType,
    faces: Sequence[Box],
    overlays: Mapping[Overlay, EncodedImage],
    is_unsafe: bool,
    limits: Limits,
    budget: Budget,
) -> DeliveredImage:
    """Make the picture that a request asks for: see `imagekit.sandbox.delivery.make_in_sandbox`.

    Raises
    ------
    RequestRefusedError
        `TIMEOUT` if the request's time is over.
    """
    with _in_time(delivery.worker, budget=budget):
        return delivery.make_in_sandbox(
            source,
            plan=plan,
            accepted=accepted,
            limits=_within(limits, budget=budget),
            faces=faces,
            is_unsafe=is_unsafe,
            overlays=overlays,
        )


def small_picture(source: EncodedImage, *, limits: Limits, budget: Budget) -> DeliveredImage:
    """Make an upright JPEG of at most 1,600 pixels a side, for a detector.

    Raises
    ------
    RequestRefusedError
        `TIMEOUT` if the request's time is over.
    """
    return make_picture(
        source,
        plan=_SMALL,
        accepted=AcceptedType.PLAIN,
        faces=(),
        overlays={},
        is_unsafe=False,
        limits=limits,
        budget=budget,
    )


def moderated_picture(source: EncodedImage, *, limits: Limits, budget: Budget) -> PreparedImage:
    """Make the picture that is moderated: see `imagekit.sandbox.images.prepare_in_sandbox`.

    A transparent one is seen on white and on black.

    Raises
    ------
    RequestRefusedError
        `TIMEOUT` if the request's time is over.
    """
    with _in_time(images.worker, budget=budget):
        return images.prepare_in_sandbox(
            source.data, header=source.header, limits=_within(limits, budget=budget), presentation=_ON_ANY_PAGE
        )


def _within(limits: Limits, *, budget: Budget) -> Limits:
    return replace(limits, max_seconds=max(1, min(limits.max_seconds, int(budget.remaining))))


@contextmanager
def _in_time(worker: PersistentWorker, *, budget: Budget) -> Iterator[None]:
    if not _WORKING.acquire(timeout=budget.remaining):
        raise timeout()
    is_late = Event()
    worker.start()

    def end() -> None:
        is_late.set()
        pid = worker.pid
        if pid is not None:
            with suppress(ProcessLookupError):
                os.killpg(pid, signal.SIGKILL)

    timer = Timer(budget.remaining, end)
    timer.start()
    try:
        yield
    except WorkerFailedError as error:
        if is_late.is_set():
            raise timeout() from error
        raise
    finally:
        timer.cancel()
        _WORKING.release()
