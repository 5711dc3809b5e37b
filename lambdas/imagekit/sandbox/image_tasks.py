"""Tasks that a worker performs on images. Results are plain values and bytes."""

from collections.abc import Sequence
from importlib import import_module

from PIL import Image

from imagekit.formats.header import Header
from imagekit.formats.registry import FORMATS
from imagekit.rendering.analysis import prepare_analysis_image
from imagekit.rendering.render import render
from safelight_contracts.development import Development
from safelight_contracts.presentation import Presentation
from safelight_contracts.renditions import Rendition


def make_renditions(
    data: bytes, *, header: Header, renditions: Sequence[Rendition], development: Development
) -> tuple[list[tuple[int, int]], list[bytes]]:
    """Make renditions: the width and height of each, and the files. Arguments as for `render`."""
    images = render(data, header=header, renditions=renditions, development=development)
    return [(image.width, image.height) for image in images], [image.data for image in images]


def prepare(
    data: bytes, *, header: Header, development: Development, presentation: Presentation
) -> tuple[tuple[int, int], list[bytes]]:
    """Make an analysis image: its columns and rows, and the file. Arguments as for `prepare_analysis_image`."""
    prepared = prepare_analysis_image(data, header=header, development=development, presentation=presentation)
    return (prepared.tiles.columns, prepared.tiles.rows), [prepared.data]


Image.preinit()
# Pillow imports a plugin when the first file of its type comes. In a child that would be lost.
for _format in FORMATS.values():
    for _plugin in _format.plugins:
        import_module(_plugin)
