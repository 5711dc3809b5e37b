"""Rekognition's boxes as boxes of the image engine."""

from typing import TYPE_CHECKING

from imagekit.geometry import Box

if TYPE_CHECKING:
    from mypy_boto3_rekognition.type_defs import BoundingBoxTypeDef


def box_of(bounding_box: "BoundingBoxTypeDef") -> Box:
    """Convert a box. It may extend a little beyond the edges of the image, as Rekognition's boxes do."""
    left, top = bounding_box["Left"], bounding_box["Top"]
    return Box(left=left, top=top, right=left + bounding_box["Width"], bottom=top + bounding_box["Height"])
