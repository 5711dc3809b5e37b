"""Read a plan: what it needs of the picture, and whether frames of an animation can have it."""

from safelight_contracts.delivery import effects
from safelight_contracts.delivery import shaping as shapes
from safelight_contracts.delivery.effects import Blur, BlurUnsafe
from safelight_contracts.delivery.operations import ImagePlan, Operation
from safelight_contracts.delivery.shaping import CropToFaces, Focus, Pad, Resize

# What they do depends on no pixel, so all frames keep one size and one look.
_OF_FRAMES = (
    *(shapes.Crop, shapes.Resize, shapes.Scale, shapes.Flip, shapes.Rotate, shapes.Extend, shapes.Pad),
    *(shapes.RoundCrop, effects.Flatten, effects.RemoveAlpha, effects.EnsureAlpha, effects.Grayscale),
    *(effects.Gamma, effects.Negate, effects.Linear, effects.Recomb, effects.Modulate, effects.Tint, effects.Threshold),
)


def needs_faces(plan: ImagePlan) -> bool:
    """Return whether a plan needs to know where faces are."""
    return any(isinstance(one, CropToFaces) or _keeps(one) is Focus.FACES for one in plan.operations)


def is_checked(plan: ImagePlan) -> bool:
    """Return whether a check sees the picture: for faces, or for content to moderate."""
    return needs_faces(plan) or any(isinstance(one, BlurUnsafe) for one in plan.operations)


def suits_frames(plan: ImagePlan) -> bool:
    """Return whether every frame of an animation can have the plan's operations."""
    return all(
        isinstance(one, _OF_FRAMES)
        and not isinstance(_keeps(one), Focus)
        and not (isinstance(one, Pad) and one.background is None)
        for one in plan.operations
    )


def operations_of(plan: ImagePlan, *, is_unsafe: bool) -> tuple[Operation, ...]:
    """Return a plan's operations, with a blur or nothing in place of `BlurUnsafe`.

    Parameters
    ----------
    is_unsafe
        Whether the check found content to moderate.
    """
    blurred = (Blur(sigma=one.sigma) if isinstance(one, BlurUnsafe) else one for one in plan.operations)
    kept = (one for one in plan.operations if not isinstance(one, BlurUnsafe))
    return tuple(blurred if is_unsafe else kept)


def _keeps(operation: Operation) -> object:
    return operation.keep if isinstance(operation, Resize) else None
