"""Colours as text."""

import pytest

from safelight_contracts.colors import is_rgb, is_rgb_or_rgba


@pytest.mark.parametrize(
    ("text", "rgb", "rgba"),
    [
        ("#12aBcF", True, True),
        ("#12aBcF80", False, True),
        ("#12aBcF8", False, False),
        ("#12aBcg", False, False),
        ("12aBcF80", False, False),
        ("#12aBcF\n", False, False),
        ("", False, False),
    ],
)
def test_a_colour_has_six_hexadecimal_digits_and_two_more_with_an_alpha_value(
    text: str, *, rgb: bool, rgba: bool
) -> None:
    assert (is_rgb(text), is_rgb_or_rgba(text)) == (rgb, rgba)
