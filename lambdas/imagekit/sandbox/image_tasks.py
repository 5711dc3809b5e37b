"""What a worker is used for: decoding, and all that is done with pixels, with an answer in plain values and bytes."""

from collections.abc import Sequence

# Pillow imports these as the first file of their type comes, which is too late to be kept.
from PIL import (  # noqa: F401
    AvifImagePlugin,
    BmpImagePlugin,
    GifImagePlugin,
    Image,
    Jpeg2KImagePlugin,
    JpegImagePlugin,
    MpoImagePlugin,
    PngImagePlugin,
    TiffImagePlugin,
    WebPImagePlugin,
)

from imagekit.formats.header import Header
from imagekit.rendering.proxy import analysis_proxy
from imagekit.rendering.render import render
from safelight_contracts.development import Development
from safelight_contracts.renditions import Rendition
from safelight_contracts.showing import Showing


def make_renditions(
    data: bytes, *, header: Header, renditions: Sequence[Rendition], development: Development
) -> tuple[list[tuple[int, int]], list[bytes]]:
    """Make renditions: the width and height of each, and the files. The arguments are those of `render`."""
    images = render(data, header=header, renditions=renditions, development=development)
    return [(image.width, image.height) for image in images], [image.data for image in images]


def make_proxy(
    data: bytes, *, header: Header, development: Development, showing: Showing
) -> tuple[tuple[int, int], list[bytes]]:
    """Make the analysis proxy: its columns and rows, and the file. The arguments are those of `analysis_proxy`."""
    proxy = analysis_proxy(data, header=header, development=development, showing=showing)
    return (proxy.tiles.columns, proxy.tiles.rows), [proxy.data]


Image.preinit()
