"""Read a plan: what it needs of the picture, and whether frames of an animation can have it."""

from imagekit.geometry import Size
from imagekit.operations import geometry
from imagekit.operations.bounds import MAX_PIXELS
from safelight_contracts.delivery import effects
from safelight_contracts.delivery import shaping as shapes
from safelight_contracts.delivery.effects import Blur, BlurUnsafe
from safelight_contracts.delivery.operations import ImagePlan, Operation
from safelight_contracts.delivery.shaping import MIDDLE, CropToFaces, Focus, Pad, Resize, ResizeFit

# What they do depends on no pixel, so all frames keep one size and one look.
_OF_FRAMES = (
    *(shapes.Crop, shapes.Resize, shapes.Scale, shapes.Flip, shapes.Rotate, shapes.Extend, shapes.Pad),
    *(shapes.RoundCrop, effects.Flatten, effects.RemoveAlpha, effects.EnsureAlpha, effects.Grayscale),
    *(effects.Gamma, effects.Negate, effects.Linear, effects.Recomb, effects.Modulate, effects.Tint, effects.Threshold),
)


def most_pixels(plan: ImagePlan, *, picture: Size) -> int:
    """Return the most pixels of a picture and of any that a plan makes of it.

    What a trim or a crop leaves is not known. A resize of it that leaves a side open counts as `MAX_PIXELS`.
    """
    own = picture.width * picture.height
    size, box, is_known, most = picture, picture, True, own
    for operation in plan.operations:
        match operation:
            case shapes.Trim() | shapes.Crop() | shapes.CropToFaces():
                is_known = False
            case Resize() if is_known:
                box = geometry.box_of(operation, picture=size)
                size = geometry.frame(operation, picture=size, keep=MIDDLE).canvas
            case Resize(width=int(), height=int(), fit=fit) if fit is not ResizeFit.OUTSIDE:
                # A turned box has as many pixels.
                size = box = geometry.box_of(operation, picture=picture)
            case Resize() | shapes.Scale() if not is_known:
                return max(own, MAX_PIXELS)
            case shapes.Scale():
                size = geometry.scaled_by(operation, picture=size)
            case shapes.Extend():
                size = geometry.extended(operation, picture=size)
            case shapes.Rotate():
                size = geometry.size_turned(size, degrees=operation.degrees)
            case Pad():
                size = geometry.at_least(box, size)
            case _:
                pass
        most = max(most, size.width * size.height)
    # A larger one is refused.
    return max(own, min(MAX_PIXELS, most))


def known_size(plan: ImagePlan, *, picture: Size) -> Size | None:
    """Return the size that a plan gives a picture, as far as it only resizes. ``None`` if nobody knows before.

    Parameters
    ----------
    picture
        The size of the source, as displayed.
    """
    size = picture
    for operation in plan.operations:
        match operation:
            case Resize():
                size = geometry.frame(operation, picture=size, keep=MIDDLE).canvas
            case shapes.Scale():
                size = geometry.scaled_by(operation, picture=size)
            case _:
                return None
    return size


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
    """Return a plan's operations, and in place of each `BlurUnsafe` a blur at the end or nothing.

    At the end, nothing stays sharp: overlays are blurred too, and no operation makes the picture sharper again.

    Parameters
    ----------
    is_unsafe
        Whether the check found content to moderate.
    """
    blurs = [Blur(sigma=one.sigma) for one in plan.operations if isinstance(one, BlurUnsafe)]
    others = [one for one in plan.operations if not isinstance(one, BlurUnsafe)]
    return (*others, *blurs) if is_unsafe else tuple(others)


def _keeps(operation: Operation) -> object:
    return operation.keep if isinstance(operation, Resize) else None
