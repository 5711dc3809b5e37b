"""Tasks that a worker performs on images. Results are plain values and bytes."""

from collections.abc import Sequence
from functools import partial

# Before the worker forks.
import imagekit.sandbox.decoders  # noqa: F401
from imagekit.formats.header import Header
from imagekit.redaction.redact import redact_decoded
from imagekit.redaction.redacted import Cover
from imagekit.redaction.single_pictures import reject_several_pictures
from imagekit.rendering.analysis import prepare_analysis_image
from imagekit.rendering.render import render
from safelight_contracts.development import Development
from safelight_contracts.presentation import Presentation
from safelight_contracts.renditions import Rendition


def make_renditions(
    data: bytes, *, header: Header, renditions: Sequence[Rendition], development: Development, cover: Cover | None
) -> tuple[list[tuple[int, int]], list[bytes]]:
    """Make renditions: the width and height of each, and the files. Arguments as for `render`, and what is covered."""
    make = partial(render, data, header=header, renditions=renditions, development=development)
    if cover is None:
        images = make()
    else:
        reject_several_pictures(header)
        images = make(
            change=partial(redact_decoded, boxes=cover.boxes, style=cover.redact.style, padding=cover.redact.padding)
        )
    return [(image.width, image.height) for image in images], [image.data for image in images]


def prepare(
    data: bytes, *, header: Header, development: Development, presentation: Presentation
) -> tuple[tuple[int, int], list[bytes]]:
    """Make an analysis image: its columns and rows, and the file. Arguments as for `prepare_analysis_image`."""
    prepared = prepare_analysis_image(data, header=header, development=development, presentation=presentation)
    return (prepared.tiles.columns, prepared.tiles.rows), [prepared.data]
