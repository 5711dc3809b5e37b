"""The versions of the image workflow that Safelight ships."""

from enum import Enum
from pathlib import Path

from safelight.core.assets import STATE_MACHINES
from safelight_contracts.image_types import ImageType

# Not all types: a type that is added later must not change a released version.
_TYPES_OF_V5 = (
    ImageType.JPEG,
    ImageType.PNG,
    ImageType.WEBP,
    ImageType.GIF,
    ImageType.TIFF,
    ImageType.BMP,
    ImageType.AVIF,
    ImageType.HEIC,
    ImageType.JPEG2000,
    ImageType.RAW,
)

SYSTEM = "image_workflow"
"""Name of the system's folders under ``lambdas/`` and ``statemachines/``."""


class WorkflowVersion(Enum):
    """A released image workflow.

    A released version never changes.
    """

    V1 = "v1"
    """Resize and publish every upload."""
    V2 = "v2"
    """Moderate first."""
    V3 = "v3"
    """Check dimensions and type, then moderate."""
    V4 = "v4"
    """Check dimensions and type, then moderate or look for people, as the type of the place requires."""
    V5 = "v5"
    """Claim the upload, then make the checks of its route, which depends on the type of the place."""

    @property
    def definition(self) -> Path:
        """The version's Amazon States Language file."""
        return STATE_MACHINES / SYSTEM / f"{self.value}.asl.json"

    @property
    def default_min_pixels(self) -> int:
        """The smallest side in pixels, as displayed, that this version accepts by default."""
        return 800 if self is WorkflowVersion.V3 else 500

    @property
    def default_allowed_types(self) -> tuple[ImageType, ...]:
        """The image types that this version accepts by default."""
        return _TYPES_OF_V5 if self is WorkflowVersion.V5 else (ImageType.JPEG,)

    @classmethod
    def parse(cls, name: str) -> "WorkflowVersion":
        """Return the version of that name.

        Parameters
        ----------
        name
            ``"v1"`` to ``"v5"``, in either case.

        Raises
        ------
        ValueError
            If there is no such version. The message lists those that exist.
        """
        try:
            return cls(name.lower())
        except ValueError:
            known = ", ".join(version.value for version in cls)
            raise ValueError(f"There is no workflow version {name!r}. Choose one of: {known}.") from None
