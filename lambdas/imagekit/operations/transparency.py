"""Operations that change what is transparent."""

import pyvips

from imagekit.operations.workpiece import as_srgb, colors_of, in_bytes, values_of, with_alpha
from safelight_contracts.delivery.effects import EnsureAlpha, Flatten, RemoveAlpha
from safelight_contracts.delivery.refusals import Refusal, RequestRefusedError
from safelight_contracts.delivery.shaping import RoundCrop


def flatten(image: pyvips.Image, operation: Flatten) -> pyvips.Image:
    """Put the picture on the background, whose own alpha does not count."""
    if image.bands == 3:
        return image
    return as_srgb(in_bytes(image.flatten(background=values_of(operation.background, bands=3))))


def remove_alpha(image: pyvips.Image, _: RemoveAlpha) -> pyvips.Image:
    """Show all colours."""
    return colors_of(image)


def ensure_alpha(image: pyvips.Image, operation: EnsureAlpha) -> pyvips.Image:
    """Add one alpha value for the whole picture."""
    return with_alpha(image, alpha=round(255 * operation.alpha))


def round_crop(image: pyvips.Image, operation: RoundCrop) -> pyvips.Image:
    """Multiply the alpha channel by how much of each pixel is in the ellipse.

    Raises
    ------
    RequestRefusedError
        ``BAD_PARAMETER`` if a radius is below 1.
    """
    radius = min(image.width, image.height) / 2
    across = radius if operation.x_radius is None else operation.x_radius
    down = radius if operation.y_radius is None else operation.y_radius
    if min(across, down) <= 0:
        raise RequestRefusedError(Refusal.BAD_PARAMETER, "A radius of an ellipse must be at least 1.")
    x = image.width / 2 if operation.x is None else operation.x
    y = image.height / 2 if operation.y is None else operation.y
    shown = with_alpha(image)
    alpha = shown[3] * _coverage(image, x=x, y=y, across=across, down=down)
    return as_srgb(colors_of(shown).bandjoin(in_bytes(alpha)))


def _coverage(image: pyvips.Image, *, x: float, y: float, across: float, down: float) -> pyvips.Image:
    """Return 0 to 1 for each pixel, by its distance from the edge: the ellipse's value divided by its slope."""
    places = pyvips.Image.xyz(image.width, image.height) + 0.5
    right, below = (places[0] - x) / across, (places[1] - y) / down
    radius = (right**2 + below**2) ** 0.5
    slope = ((right / across) ** 2 + (below / down) ** 2) ** 0.5
    distance = (slope == 0).ifthenelse(-1, (radius - 1) * radius / slope)
    coverage = 0.5 - distance
    above = (coverage > 1).ifthenelse(1, coverage)
    clipped: pyvips.Image = (above < 0).ifthenelse(0, above)
    return clipped
