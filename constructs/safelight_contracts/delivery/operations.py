"""What is done with an image before it is delivered: one list of values, whatever the form of the request."""

from dataclasses import dataclass

from safelight_contracts.delivery.effects import (
    Blur,
    BlurUnsafe,
    Clahe,
    Convolve,
    EnsureAlpha,
    Equalize,
    Flatten,
    Gamma,
    Grayscale,
    Linear,
    Median,
    Modulate,
    Negate,
    Normalize,
    Recomb,
    RemoveAlpha,
    Sharpen,
    Threshold,
    Tint,
)
from safelight_contracts.delivery.overlays import Overlay
from safelight_contracts.delivery.shaping import (
    Crop,
    CropToFaces,
    Extend,
    Flip,
    Pad,
    Resize,
    Rotate,
    RoundCrop,
    Scale,
    Trim,
)
from safelight_contracts.image_types import ImageType

Operation = (
    Trim
    | Crop
    | CropToFaces
    | Resize
    | Scale
    | Flip
    | Rotate
    | Extend
    | Pad
    | Blur
    | Sharpen
    | Median
    | Gamma
    | Negate
    | Normalize
    | Equalize
    | Clahe
    | Convolve
    | Threshold
    | Linear
    | Recomb
    | Modulate
    | Tint
    | Grayscale
    | Flatten
    | RemoveAlpha
    | EnsureAlpha
    | RoundCrop
    | Overlay
    | BlurUnsafe
)


@dataclass(frozen=True, kw_only=True)
class Output:
    """The file that is delivered.

    Parameters
    ----------
    type
        ``None`` means what the viewer accepts: AVIF, WebP, or else JPEG, or PNG for a picture with transparency.
    quality
        1 to 100. Default: the type's own (`safelight_contracts.renditions.DEFAULT_QUALITIES`).
    effort
        0 (fastest) to 6 (smallest file). Default: 3 for JPEG and AVIF, 4 for WebP, and zlib's own for PNG.
    animated
        Whether an animated source stays animated, as WebP. Default: if the viewer accepts WebP and no type is given.
    keep_metadata
        Whether EXIF's copyright and artist stay. Default: ``False``.
    headers
        Names and values of further headers of the answer, sorted by name. S3 keeps each with a stored result. Default:
        none.
    """

    type: ImageType | None = None
    quality: int | None = None
    effort: int | None = None
    animated: bool | None = None
    keep_metadata: bool = False
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, kw_only=True)
class ImagePlan:
    """What a request asks for: operations in the order in which they happen, and the file."""

    operations: tuple[Operation, ...] = ()
    output: Output = Output()
