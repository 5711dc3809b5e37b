"""AVIF (AV1 Image File Format): a HEIF file whose pictures are coded with AV1."""

from functools import partial

from imagekit.formats.boxes import brands_of
from imagekit.formats.format import Format
from imagekit.formats.heif import read_header
from safelight_contracts.image_types import ImageType

_BRANDS = {b"avif", b"avis"}

FORMAT = Format(
    extension="avif",
    content_type="image/avif",
    recognises=lambda head: not _BRANDS.isdisjoint(brands_of(head)),
    # Pillow ignores the clean aperture.
    read_header=partial(read_header, image_type=ImageType.AVIF, is_cut=False),
    # Measured with 10 bits and alpha.
    decoding_bytes_a_pixel=19,
    pillow_name="AVIF",
    plugins=["PIL.AvifImagePlugin"],
)
"""AVIF, decoded by Pillow."""
