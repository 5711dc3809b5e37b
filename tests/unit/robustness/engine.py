"""What becomes of a file: every use that the steps make of it, each with a value or a named rejection."""

from collections.abc import Callable, Mapping
from hashlib import sha256

from imagekit.decode import inspect
from imagekit.geometry import Fit
from imagekit.header import Header
from imagekit.image_type import ImageType
from imagekit.inspection import inspect_header
from imagekit.limits import Limits
from imagekit.proxy import analysis_proxy
from imagekit.rejection import ImageRejected
from imagekit.render import render
from imagekit.rendition import Rendition
from imagekit.source import BytesSource

LIMITS = Limits(max_bytes=32_000_000, max_pixels=2_000_000)
"""Low, so that what passes them shows in a process that has little more memory."""

RENDITIONS = [
    Rendition(name="wide", width=320, height=None, fit=Fit.INSIDE, type=ImageType.JPEG),
    Rendition(name="square", width=32, height=32, fit=Fit.COVER, type=ImageType.PNG),
    Rendition(name="moving", width=48, height=None, fit=Fit.INSIDE, type=ImageType.WEBP, animated=True),
]


def outcomes_of(data: bytes) -> Mapping[str, str]:
    """Inspect, show and render a file; each gives a value's digest or a rejection's reason, anything else is raised."""
    outcomes = {"header": _outcome(lambda: _words(inspect_header(BytesSource(data))))}
    try:
        header = inspect(data, limits=LIMITS)
    except ImageRejected as rejection:
        return outcomes | {"limits": str(rejection.reason)}
    return outcomes | {
        "proxy": _outcome(lambda: _digest(analysis_proxy(data, header=header))),
        "renditions": _outcome(
            lambda: _digest(*(image.data for image in render(data, header=header, renditions=RENDITIONS)))
        ),
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
