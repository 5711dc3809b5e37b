"""How camera raw is developed."""

import json
from dataclasses import dataclass
from enum import Enum

_BRIGHTNESS = (0.1, 10.0)


class DevelopmentMethod(Enum):
    """What a camera raw file is shown by."""

    PREVIEW = "preview"
    """The camera's own preview where it has the full size; else as ``HALF``."""
    HALF = "half"
    """What the sensor saw, four of its pixels making one. In full where half of the longer side has fewer than
    1,920 pixels. A rendition that wants more is enlarged from it."""
    FULL = "full"
    """What the sensor saw, each pixel's missing colours interpolated. Several times slower than ``HALF``."""


class WhiteBalance(Enum):
    """What is taken for white when the sensor's data is developed."""

    CAMERA = "camera"
    """What the camera took for white. Of a file that does not say, as ``GREY_WORLD``."""
    DAYLIGHT = "daylight"
    """What daylight is to this camera."""
    GREY_WORLD = "grey world"
    """The average of the picture."""


class Highlights(Enum):
    """What becomes of pixels in which a colour is brighter than the sensor can tell."""

    CLIP = "clip"
    """White."""
    BLEND = "blend"
    """Between white and what the other colours say."""
    RECONSTRUCT = "reconstruct"
    """Coloured as what is around them. Slowest."""


@dataclass(frozen=True, kw_only=True)
class Development:
    """How camera raw is developed, for the checks and for what is published alike.

    Parameters
    ----------
    method
        Left out: ``DevelopmentMethod.PREVIEW``, which is fastest. A preview is as the camera made it: the other
        settings are for files without one of the full size.
    white_balance
        Left out: ``WhiteBalance.CAMERA``.
    brightness
        A factor on the light, 0.1 to 10: at 1, what saturates the sensor is white. Left out: as bright as turns 1 % of
        a picture's pixels white.
    highlights
        Left out: ``Highlights.CLIP``.

    Raises
    ------
    ValueError
        When the brightness is out of its bounds.
    """

    method: DevelopmentMethod = DevelopmentMethod.PREVIEW
    white_balance: WhiteBalance = WhiteBalance.CAMERA
    brightness: float | None = None
    highlights: Highlights = Highlights.CLIP

    def __post_init__(self) -> None:
        least, most = _BRIGHTNESS
        if self.brightness is not None and not least <= self.brightness <= most:
            raise ValueError(
                f"Development: brightness={self.brightness} must be {least} to {most}, a factor on the light; leave it "
                "out to have each picture made as bright as it bears."
            )


def development_environment(development: Development | None) -> dict[str, str]:
    """Return a development as the functions read it; nothing where none is given."""
    if development is None:
        return {}
    described = {
        "method": development.method.value,
        "whiteBalance": development.white_balance.value,
        "brightness": development.brightness,
        "highlights": development.highlights.value,
    }
    return {"DEVELOPMENT": json.dumps(described)}
