"""What an image may be before it is turned away, whatever it shows."""

from dataclasses import asdict, dataclass

# What a function's memory bears beside the interpreter and the decoded pixels.
_MOST_BYTES = 100 * 1024 * 1024
# A JPEG takes 9 bytes a pixel to decode where it is progressive, and a function has 1,300 MB for pixels.
_MOST_PIXELS = 144_000_000


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What an image may be. One that is beyond any of these is rejected as ``IMAGE_TOO_LARGE``, before it is decoded.

    Parameters
    ----------
    max_bytes
        The largest file, in bytes. Left out: 104,857,600 (100 MB), which is also the most that a function's memory
        bears.
    max_pixels
        The largest image, in pixels (width times height), 144 million at most. Left out: 100 million. WebP, AVIF, HEIC
        and JPEG 2000, which take more memory to decode, are held to 72, 68, 61 and 36 million however large this is.
    max_side
        The longest side, in pixels. Left out: 65,535, the most that a JPEG or a GIF can have.
    max_frames
        The most frames of an animation, pages of a TIFF or pictures of a HEIF collection, though the first alone is
        shown. Left out: 1,000.
    max_ratio
        The most pixels for each byte of the file. Left out: 250,000, more than three times what a blank page has in
        the format that compresses it best.
    max_seconds
        The most processor seconds that one file may take in one function; those that decode must have a longer
        time-out. Left out: 30.

    Raises
    ------
    ValueError
        When one is below 1, or more than the functions' memory bears.
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
                raise ValueError(f"Limits: {name}={value} rejects every image; give at least 1, or leave it out.")
        if self.max_bytes > _MOST_BYTES:
            raise ValueError(
                f"Limits: max_bytes={self.max_bytes:,} is more than a function's memory bears beside what it decodes; "
                f"give {_MOST_BYTES:,} at most."
            )
        if self.max_pixels > _MOST_PIXELS:
            raise ValueError(
                f"Limits: max_pixels={self.max_pixels:,} is more than a function's memory bears: a JPEG takes 9 bytes "
                f"a pixel to decode; give {_MOST_PIXELS:,} at most."
            )


def limits_environment(limits: Limits) -> dict[str, str]:
    """Return limits as the functions read them: ``MAX_BYTES`` and so on."""
    return {name.upper(): str(value) for name, value in asdict(limits).items()}
