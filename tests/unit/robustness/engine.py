"""The results for a file: every use by the steps gives a value or a named rejection."""

from collections.abc import Callable, Mapping, Sequence
from hashlib import sha256

from imagekit.decoding.limits import inspect
from imagekit.formats.header import Header
from imagekit.formats.inspection import inspect_header
from imagekit.rejection import ImageRejected
from imagekit.rendering.analysis import prepare_analysis_image
from imagekit.rendering.render import render
from imagekit.rendering.rendition import RenderedImage
from imagekit.sandbox.images import prepare_in_sandbox, render_in_sandbox
from imagekit.source import BytesSource
from safelight_contracts.image_types import ImageType
from safelight_contracts.limits import Limits
from safelight_contracts.presentation import Presentation
from safelight_contracts.renditions import Fit, Rendition

LIMITS = Limits(max_bytes=32_000_000, max_pixels=2_000_000)
"""Low, so that what passes them shows in a process that has little more memory."""

RENDITIONS = [
    Rendition(name="wide", width=320, height=None, fit=Fit.INSIDE, type=ImageType.JPEG),
    Rendition(name="square", width=32, height=32, fit=Fit.COVER, type=ImageType.PNG),
    Rendition(name="moving", width=48, height=None, fit=Fit.INSIDE, type=ImageType.WEBP, animated=True),
]

PRESENTATION = Presentation(backgrounds=("#ffffff", "#000000"), animated=True)


def outcomes_of(data: bytes) -> Mapping[str, str]:
    """Inspect, show and render a file; each gives a value's digest or a rejection's reason, anything else is raised."""

    def renditions(header: Header) -> list[RenderedImage]:
        return render(data, header=header, renditions=RENDITIONS)

    return _outcomes(
        data,
        prepared=lambda header: prepare_analysis_image(data, header=header, presentation=PRESENTATION).data,
        renditions=renditions,
    )


def outcomes_in_worker(data: bytes) -> Mapping[str, str]:
    """Do the same as `outcomes_of`, with the worker."""

    def renditions(header: Header) -> list[RenderedImage]:
        return render_in_sandbox(data, header=header, renditions=RENDITIONS, limits=LIMITS)

    return _outcomes(
        data,
        prepared=lambda header: prepare_in_sandbox(data, header=header, limits=LIMITS, presentation=PRESENTATION).data,
        renditions=renditions,
    )


def _outcomes(
    data: bytes,
    *,
    prepared: Callable[[Header], bytes],
    renditions: Callable[[Header], Sequence[RenderedImage]],
) -> Mapping[str, str]:
    outcomes = {"header": _outcome(lambda: _words(inspect_header(BytesSource(data))))}
    try:
        header = inspect(data, limits=LIMITS)
    except ImageRejected as rejection:
        return outcomes | {"limits": str(rejection.reason)}
    return outcomes | {
        "prepared": _outcome(lambda: _digest(prepared(header))),
        "renditions": _outcome(lambda: _digest(*(image.data for image in renditions(header)))),
    }


def _outcome(use: Callable[[], str]) -> str:
    try:
        return use()
    except ImageRejected as rejection:
        return str(rejection.reason)


def _words(header: Header) -> str:
    return f"{header.type} of {header.width} x {header.height}"


def _digest(*files: bytes) -> str:
    return f"{len(files)} files, {sha256(b''.join(files)).hexdigest()}"
