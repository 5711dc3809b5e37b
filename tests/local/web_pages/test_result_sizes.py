import pytest
from hypothesis import given
from hypothesis import strategies as st

from safelight_local.web_pages.result_sizes import Size, result_size

SIDES = st.integers(1, 8_192)


@pytest.mark.parametrize(
    ("parameters", "size"),
    [
        ({}, (800, 600)),
        ({"width": "400"}, (400, 300)),
        ({"height": "150"}, (200, 150)),
        ({"width": "1600"}, (800, 600)),
        ({"width": "1600", "enlarge": "true"}, (1600, 1200)),
        ({"width": "300", "height": "300"}, (300, 225)),
        ({"width": "300", "height": "300", "fit": "inside"}, (300, 225)),
        ({"width": "300", "height": "300", "fit": "outside"}, (400, 300)),
        ({"width": "300", "height": "300", "fit": "cover"}, (300, 300)),
        ({"width": "1200", "height": "1200", "fit": "cover"}, (600, 600)),
        ({"width": "1200", "height": "1200", "fit": "cover", "enlarge": "true"}, (1200, 1200)),
        ({"width": "300", "height": "300", "fit": "contain"}, (300, 300)),
        ({"width": "300", "height": "900", "fit": "fill"}, (300, 600)),
        ({"width": "300", "height": "900", "fit": "fill", "enlarge": "true"}, (300, 900)),
    ],
)
def test_the_size_of_a_result_of_a_picture_of_800_by_600(parameters: dict[str, str], size: tuple[int, int]) -> None:
    assert result_size(Size(width=800, height=600), parameters=parameters) == Size(width=size[0], height=size[1])


@given(SIDES, SIDES, SIDES, SIDES, st.sampled_from(["cover", "fill", "inside"]))
def test_a_result_is_no_larger_than_the_picture_and_the_box(
    width: int, height: int, box_width: int, box_height: int, fit: str
) -> None:
    source = Size(width=width, height=height)
    made = result_size(source, parameters={"width": str(box_width), "height": str(box_height), "fit": fit})
    assert 1 <= made.width <= min(width, box_width)
    assert 1 <= made.height <= min(height, box_height)
