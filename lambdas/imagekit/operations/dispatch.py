"""Which function performs which operation."""

from collections.abc import Callable, Mapping
from typing import Any

import pyvips

from imagekit.operations import filters, overlays, shaping, tones, transparency
from imagekit.operations.workpiece import Workpiece
from safelight_contracts.delivery import effects
from safelight_contracts.delivery import shaping as shapes
from safelight_contracts.delivery.operations import Operation
from safelight_contracts.delivery.overlays import Overlay

_OnWorkpiece = Callable[[Workpiece, Any], Workpiece]
_OnImage = Callable[[pyvips.Image, Any], pyvips.Image]

_OF_WORKPIECES: Mapping[type, _OnWorkpiece] = {
    shapes.Trim: shaping.trim,
    shapes.Crop: shaping.crop,
    shapes.CropToFaces: shaping.crop_to_faces,
    shapes.Resize: shaping.resize,
    shapes.Scale: shaping.scale_by,
    shapes.Flip: shaping.flip,
    shapes.Rotate: shaping.rotate,
    shapes.Extend: shaping.extend,
    shapes.Pad: shaping.pad,
    Overlay: overlays.lay,
}
# They change no side, so faces stay where they are.
_OF_IMAGES: Mapping[type, _OnImage] = {
    shapes.RoundCrop: transparency.round_crop,
    effects.Blur: filters.blur,
    effects.Sharpen: filters.sharpen,
    effects.Median: filters.median,
    effects.Convolve: filters.convolve,
    effects.Gamma: tones.gamma,
    effects.Negate: tones.negate,
    effects.Normalize: tones.normalize,
    effects.Equalize: tones.equalize,
    effects.Clahe: tones.clahe,
    effects.Threshold: tones.threshold,
    effects.Linear: tones.linear,
    effects.Recomb: tones.recomb,
    effects.Modulate: tones.modulate,
    effects.Tint: tones.tint,
    effects.Grayscale: tones.grayscale,
    effects.Flatten: transparency.flatten,
    effects.RemoveAlpha: transparency.remove_alpha,
    effects.EnsureAlpha: transparency.ensure_alpha,
}


def perform(operation: Operation, *, on: Workpiece) -> Workpiece:
    """Perform an operation, and compute the picture.

    Parameters
    ----------
    operation
        Any but `safelight_contracts.delivery.effects.BlurUnsafe`, which `imagekit.operations.plans` replaces.
    on
        The picture before it.

    Raises
    ------
    RequestRefusedError
        If the operation does not suit the picture.
    """
    kind = type(operation)
    if kind in _OF_IMAGES:
        made = on.with_image(_OF_IMAGES[kind](on.image, operation))
    else:
        made = _OF_WORKPIECES[kind](on, operation)
    # Otherwise the next operation would compute some pixels several times.
    return made.with_image(made.image.copy_memory())
