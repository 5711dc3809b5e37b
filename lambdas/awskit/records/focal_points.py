"""The focal point that somebody has written into an asset: the part of the picture that a crop keeps."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from awskit.logs import logger
from safelight_contracts.records import Attribute


def focal_point_of(asset: Mapping[str, Any]) -> tuple[float, float] | None:
    """Return the focal point of an asset.

    Any program with access to the table can have written it, so a bad one is ignored, with a warning in the log.

    Parameters
    ----------
    asset
        The item, as `awskit.records.table.plain` gives it. Empty if there is none.

    Returns
    -------
    tuple of float | None
        Across and down, each from 0 (left, top) to 1. ``None`` if there is none.
    """
    match asset.get(Attribute.FOCAL_POINT):
        case None:
            return None
        case {"x": Decimal() as x, "y": Decimal() as y} if _is_in_picture(x) and _is_in_picture(y):
            return float(x), float(y)
    logger().warning(
        "The focal point is not a map of x and y, numbers from 0 to 1. It is ignored", asset=asset.get("sk")
    )
    return None


def _is_in_picture(number: Decimal) -> bool:
    return number.is_finite() and 0 <= number <= 1
