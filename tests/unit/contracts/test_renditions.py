"""The largest renditions that a workflow takes."""

import re
from typing import Any

import pytest

from safelight_contracts.image_types import ImageType
from safelight_contracts.renditions import DEFAULT_QUALITIES, Fit, Metadata, Rendition

BEYOND_ITS_IMAGE = [{"fit": Fit.CONTAIN}, {"fit": Fit.COVER, "enlarge": True}]
"""The arguments with which a rendition can be larger than its image."""

LONGEST_SIDES = [(ImageType.JPEG, 65_500), (ImageType.WEBP, 16_383), (ImageType.AVIF, 65_535)]


@pytest.mark.parametrize("arguments", BEYOND_ITS_IMAGE)
def test_a_rendition_that_can_be_larger_than_its_image_has_25_million_pixels_at_most(arguments: dict[str, Any]) -> None:
    Rendition(name="a", width=5000, height=5000, **arguments)
    # One pixel more.
    with pytest.raises(ValueError, match="4901 x 5101 has more than 25,000,000 pixels"):
        Rendition(name="a", width=4901, height=5101, **arguments)


@pytest.mark.parametrize("arguments", BEYOND_ITS_IMAGE)
@pytest.mark.parametrize(("image_type", "most"), LONGEST_SIDES)
def test_a_side_is_as_long_as_the_type_allows_at_most(
    arguments: dict[str, Any], image_type: ImageType, most: int
) -> None:
    Rendition(name="a", type=image_type, width=most, height=9, **arguments)
    Rendition(name="a", type=image_type, width=9, height=most, **arguments)
    for width, height in ((most + 1, 9), (9, most + 1)):
        with pytest.raises(ValueError, match=f"{image_type.value} has {most:,} pixels a side at most"):
            Rendition(name="a", type=image_type, width=width, height=height, **arguments)


def test_a_rendition_that_stays_within_its_image_has_no_largest_size() -> None:
    Rendition(name="a", width=100_000, height=100_000, fit=Fit.COVER)


def test_renditions_that_keep_the_same_are_equal() -> None:
    both = [Metadata.ARTIST, Metadata.COPYRIGHT]
    assert len({Rendition(name="a", width=9, keep=keep) for keep in (both, both[::-1], both * 2, set(both))}) == 1


def test_the_documentation_states_the_default_quality_of_each_type() -> None:
    assert Rendition.__doc__ is not None
    for image_type, quality in DEFAULT_QUALITIES.items():
        assert re.search(rf"{quality} for [^.,]*\b{image_type.name}\b", Rendition.__doc__, re.IGNORECASE)
