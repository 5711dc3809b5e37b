"""The files of watermarks. A layer holds them."""

from dataclasses import replace
from functools import cache
from importlib.resources import as_file, files

from safelight_contracts.renditions import Rendition
from safelight_contracts.watermarks import WATERMARKS


class WatermarkMissingError(RuntimeError):
    """Raised if the file of a watermark is missing. No image is published without its watermark."""


def with_file(rendition: Rendition) -> Rendition:
    """Read the image or the font of a rendition's watermark.

    Raises WatermarkMissingError if the file is missing.
    """
    watermark = rendition.watermark
    if watermark is None or watermark.file_name is None:
        return rendition
    return replace(rendition, watermark=replace(watermark, file=_read(watermark.file_name)))


@cache
def _read(name: str) -> bytes:
    try:
        with as_file(files(WATERMARKS).joinpath(name)) as file:
            return file.read_bytes()
    except (ModuleNotFoundError, FileNotFoundError) as error:
        raise WatermarkMissingError(
            f"The watermark's file {name} is missing. Is the layer {WATERMARKS} on this function?"
        ) from error
