"""HEIC: a HEIF file whose pictures are coded with HEVC."""

from functools import partial

from imagekit.formats.boxes import brands_of
from imagekit.formats.format import Format
from imagekit.formats.heif import read_header
from safelight_contracts.image_types import ImageType

_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx"}


def _register_opener() -> None:
    from pi_heif import register_heif_opener  # type: ignore[import-untyped]

    register_heif_opener(thumbnails=False)


FORMAT = Format(
    extension="heic",
    content_type="image/heic",
    recognises=lambda head: not _BRANDS.isdisjoint(brands_of(head)),
    # libheif cuts to the clean aperture.
    read_header=partial(read_header, image_type=ImageType.HEIC, is_cut=True),
    # Measured with 10 bits, alpha and 4:4:4.
    decoding_bytes_a_pixel=21,
    pillow_name="HEIF",
    libraries=["pi_heif"],
    prepare=_register_opener,
    is_turned_when_loaded=True,
)
"""HEIC, decoded by pi-heif."""
