"""Number plates: text inside the box of a vehicle. No free model finds plates themselves."""

from collections.abc import Sequence

from imagekit.geometry import Box as Place
from imagekit.geometry import Size
from imagekit.redaction.search_places import grown
from safelight_contracts.redaction.boxes import Box, BoxKind

VEHICLES = frozenset(
    {
        *("car", "automobile", "truck", "pickup truck", "trailer truck", "van", "minivan", "bus", "school bus"),
        *("motorcycle", "motor scooter", "moped", "vehicle", "suv", "sports car", "sedan", "coupe", "convertible"),
        *("jeep", "limo", "caravan", "taxi", "police car", "ambulance", "fire truck", "tow truck", "tractor"),
        *("race car", "wagon", "trailer", "license plate"),
    }
)
"""Names of Rekognition's labels of vehicles that have a plate, and of plates, casefolded."""

# Of the vehicle's width and height. A plate is at the edge of its vehicle, and so of its box.
_NEAR = 0.1

# Of the text's height. Readers of text leave out the ends of a plate, such as the letters of a country or a seal.
_ACROSS = 1.0
_DOWN = 0.4
# Of the text's width, for a plate of which only a part was read.
_PART = 0.25


def plates(texts: Sequence[Box], *, vehicles: Sequence[Place], image: Size) -> list[Box]:
    """Return the texts whose centre is in the box of a vehicle, or nearly so, as plates.

    A plate is larger than its text: by the text's height, or a quarter of its width if that is more, on the left and on
    the right; and by two fifths of its height above and below.

    `image`: the size of the upright image.
    """
    return [_plate(text, image=image) for text in texts if any(_is_centre_in(text, vehicle) for vehicle in vehicles)]


def _is_centre_in(text: Box, vehicle: Place) -> bool:
    x, y = text.left + text.width / 2, text.top + text.height / 2
    across, down = _NEAR * (vehicle.right - vehicle.left), _NEAR * (vehicle.bottom - vehicle.top)
    return vehicle.left - across <= x <= vehicle.right + across and vehicle.top - down <= y <= vehicle.bottom + down


def _plate(text: Box, *, image: Size) -> Box:
    height_across = text.height * image.height / image.width
    return grown(
        text,
        across=max(_ACROSS * height_across, _PART * text.width),
        down=_DOWN * text.height,
        kind=BoxKind.PLATE,
    )
