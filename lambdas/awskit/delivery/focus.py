"""What a crop keeps if the request does not say it: the focal point of the upload, or the middle."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from awskit.records.focal_points import focal_point_of
from safelight_contracts.delivery.operations import ImagePlan
from safelight_contracts.delivery.shaping import MIDDLE, FocalPoint, Resize, ResizeFit


def focused(plan: ImagePlan, *, asset: Mapping[str, Any]) -> ImagePlan:
    """Return a plan whose crop to a size keeps the focal point of an asset, instead of the middle.

    A plan that changes the picture before it is resized, such as by a crop of its own, stays as it is: the focal point
    is a point of the whole picture.

    Parameters
    ----------
    asset
        What the records say of the source. Empty if it has none.
    """
    match plan.operations:
        case (Resize(fit=ResizeFit.COVER, keep=keep) as resize, *others) if keep == MIDDLE:
            found = focal_point_of(asset)
            if found is not None:
                across, down = found
                return replace(plan, operations=(replace(resize, keep=FocalPoint(x=across, y=down)), *others))
    return plan
