"""How camera raw files are developed into a picture."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from safelight_contracts.arguments import validated_fields

_BRIGHTNESS = (0.1, 10.0)
_VARIABLE = "DEVELOPMENT"


class DevelopmentMethod(StrEnum):
    """How a picture is made from a camera raw file."""

    PREVIEW = "preview"
    """The camera's preview if it has the full size. Otherwise the same as ``HALF``."""
    HALF = "half"
    """The sensor's data at half size: four of its pixels make one. The full size if half of the longer side has fewer
    than 1,920 pixels. A rendition that is larger is enlarged from it."""
    FULL = "full"
    """The sensor's data at full size, with each pixel's missing colours interpolated. Several times slower than
    ``HALF``."""


class WhiteBalance(StrEnum):
    """What counts as white when the sensor's data is developed."""

    CAMERA = "camera"
    """What the camera measured. A file without a measurement uses ``GREY_WORLD``."""
    DAYLIGHT = "daylight"
    """Daylight, by the camera's colour matrix."""
    GREY_WORLD = "grey world"
    """The average of the picture."""


class Highlights(StrEnum):
    """What happens to pixels in which a colour is brighter than the sensor can measure."""

    CLIP = "clip"
    """They become white."""
    BLEND = "blend"
    """They become a blend of white and the value estimated from the other channels."""
    RECONSTRUCT = "reconstruct"
    """They take the colour of the pixels around them. Slowest."""


@validated_fields
@dataclass(frozen=True, kw_only=True)
class Development:
    """How camera raw is developed, for the checks and for the renditions.

    Parameters
    ----------
    method
        Default: ``DevelopmentMethod.PREVIEW``, the fastest. The other settings do not apply to a preview.
    white_balance
        Default: ``WhiteBalance.CAMERA``.
    brightness
        An exposure factor, 0.1 to 10. At 1, a saturated sensor gives white. Default: each picture gets the
        brightness that turns 1 % of its pixels white.
    highlights
        Default: ``Highlights.CLIP``.

    Raises
    ------
    ValueError
        If the brightness is out of range.
    """

    method: DevelopmentMethod = DevelopmentMethod.PREVIEW
    white_balance: WhiteBalance = WhiteBalance.CAMERA
    brightness: float | None = None
    highlights: Highlights = Highlights.CLIP

    def __post_init__(self) -> None:
        least, most = _BRIGHTNESS
        if self.brightness is not None and not least <= self.brightness <= most:
            raise ValueError(
                f"Development: brightness={self.brightness} must be {least} to {most}, an exposure factor. Omit it "
                "to give each picture its own brightness."
            )


DEFAULT_DEVELOPMENT = Development()
"""The default development."""


def development_to_environment(development: Development | None) -> dict[str, str]:
    """Write a development as the variable ``DEVELOPMENT``. ``None`` gives no variable."""
    if development is None:
        return {}
    described = {
        "method": development.method.value,
        "whiteBalance": development.white_balance.value,
        "brightness": development.brightness,
        "highlights": development.highlights.value,
    }
    return {_VARIABLE: json.dumps(described)}


def development_from_environment(environment: Mapping[str, str]) -> Development:
    """Read the variable ``DEVELOPMENT``. Without it, the default development applies."""
    if _VARIABLE not in environment:
        return DEFAULT_DEVELOPMENT
    described = json.loads(environment[_VARIABLE])
    return Development(
        method=DevelopmentMethod(described["method"]),
        white_balance=WhiteBalance(described["whiteBalance"]),
        brightness=described["brightness"],
        highlights=Highlights(described["highlights"]),
    )
