"""Names of image types in requests."""

from deliverykit.given import Given, contradiction
from safelight_contracts.delivery.refusals import Refusal, RequestRefusedError
from safelight_contracts.image_types import ImageType

TYPES = {
    "jpeg": ImageType.JPEG,
    "jpg": ImageType.JPEG,
    "png": ImageType.PNG,
    "webp": ImageType.WEBP,
    "avif": ImageType.AVIF,
}
MAX_QUALITY = 100
MAX_EFFORT = 6
_ONLY_READ = frozenset({"gif", "tiff", "heic", "heif", "raw"})


def type_of(given: Given) -> ImageType:
    """Read the name of a type that can be written."""
    if isinstance(given.value, str) and given.value in _ONLY_READ:
        raise only_read(given)
    return given.choice(TYPES)


def only_read(given: Given) -> RequestRefusedError:
    """Return the refusal of a type that Safelight reads and does not write."""
    message = f"{given.name}: this type is read, not written. Ask for {', '.join(TYPES)}."
    return RequestRefusedError(Refusal.BAD_PARAMETER, message, parameter=given.name)


def quality_of(given: Given) -> int:
    """Read a quality, 1 to 100."""
    return given.whole(least=1, most=MAX_QUALITY)


def agreed_type(types: dict[str, ImageType]) -> ImageType | None:
    """Return the type that all parameters name.

    Parameters
    ----------
    types
        By the names of the parameters.

    Raises
    ------
    RequestRefusedError
        `CONTRADICTION` if they differ.
    """
    chosen: ImageType | None = None
    for name, image_type in types.items():
        if chosen is not None and image_type is not chosen:
            raise contradiction(f"{name} names another type than {next(iter(types))}.", parameter=name)
        chosen = image_type
    return chosen
