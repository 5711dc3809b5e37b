"""Limits on what an image may be."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields

from safelight_contracts.arguments import validated_fields

# A function's memory holds a file of this size beside the interpreter and the decoded pixels.
_MOST_BYTES = 100 * 1024 * 1024
# Decoding a progressive JPEG takes 10 bytes a pixel, and a function has 1,300 MB for pixels.
_MOST_PIXELS = 130_000_000


@validated_fields
@dataclass(frozen=True, kw_only=True)
class Limits:
    """Limits on an uploaded image. An image beyond one of them is rejected as ``IMAGE_TOO_LARGE`` before decoding.

    Parameters
    ----------
    max_bytes
        The largest file, in bytes. Default and maximum: 104,857,600 (100 MB).
    max_pixels
        The largest image, in pixels (width times height). Default: 100 million. Maximum: 144 million. WebP, AVIF, HEIC
        and JPEG 2000 take more memory to decode: their limits are 72, 68, 61 and 36 million at most.
    max_side
        The longest side, in pixels. Default: 65,535, the maximum of JPEG and GIF.
    max_frames
        The most frames of an animation, pages of a TIFF or pictures of a HEIF collection. Default: 1,000.
    max_ratio
        The most pixels for each byte of the file. Default: 250,000. A blank page has less than a third of that in the
        format that compresses it best.
    max_seconds
        The most processor seconds that one file may take in one function. The functions that decode need a longer
        timeout. Default: 30.

    Raises
    ------
    ValueError
        If a limit is below 1, or above what a function's memory can hold.
    """

    max_bytes: int = 104_857_600
    max_pixels: int = 100_000_000
    max_side: int = 65_535
    max_frames: int = 1_000
    max_ratio: int = 250_000
    max_seconds: int = 30

    def __post_init__(self) -> None:
        for name, value in asdict(self).items():
            if value < 1:
                raise ValueError(f"Limits: {name}={value} rejects every image. Use at least 1, or omit it.")
        if self.max_bytes > _MOST_BYTES:
            raise ValueError(
                f"Limits: max_bytes={self.max_bytes:,} is more than a function's memory can hold. "
                f"Use {_MOST_BYTES:,} at most."
            )
        if self.max_pixels > _MOST_PIXELS:
            raise ValueError(
                f"Limits: max_pixels={self.max_pixels:,} is more than a function's memory can hold, because a JPEG "
                f"takes 10 bytes a pixel to decode. Use {_MOST_PIXELS:,} at most."
            )


def limits_to_environment(limits: Limits) -> dict[str, str]:
    """Write limits as environment variables: ``MAX_BYTES``, ``MAX_PIXELS`` and so on."""
    return {name.upper(): str(value) for name, value in asdict(limits).items()}


def limits_from_environment(environment: Mapping[str, str]) -> Limits:
    """Read limits from environment variables. A variable that is not set gives the default."""
    names = [field.name for field in fields(Limits)]
    return Limits(**{name: int(environment[name.upper()]) for name in names if name.upper() in environment})
