"""The layer that holds the images and fonts of watermarks."""

import hashlib
from collections.abc import Iterable

from aws_cdk import aws_lambda

from safelight_contracts.renditions import Rendition
from safelight_contracts.watermarks import WATERMARKS, Watermark
from safelight_models.cache import atomic_write, cache_folder


def watermarks_of(renditions: Iterable[Rendition]) -> list[Watermark]:
    """Return the visible watermarks of renditions."""
    return [rendition.watermark for rendition in renditions if rendition.watermark is not None]


def watermark_layer_code(watermarks: Iterable[Watermark]) -> aws_lambda.Code:
    """Return the code of the layer that holds the files of watermarks.

    A file in a layer is part of the function's version, so an older release keeps publishing with its own mark. The
    function needs no permission and no request to read it.
    """
    files = {
        watermark.file_name: watermark.file
        for watermark in watermarks
        if watermark.file_name is not None and watermark.file is not None
    }
    digest = hashlib.sha256("\0".join(sorted(files)).encode()).hexdigest()
    layer = cache_folder() / "layers" / f"{WATERMARKS}-{digest[:16]}"
    if not layer.is_dir():
        with atomic_write(layer) as built:
            folder = built / "python" / WATERMARKS
            folder.mkdir(parents=True)
            for name, data in files.items():
                (folder / name).write_bytes(data)
    return aws_lambda.Code.from_asset(str(layer))
