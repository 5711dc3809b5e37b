"""Texts that a reader finds."""

from dicomkit.burned_in import FoundText


def found_text(
    text: str, *, box: tuple[float, float, float, float], score: float = 0.9, likelihood: float = 0.9
) -> FoundText:
    """Return a horizontal text in a box: left, top, right, bottom."""
    left, top, right, bottom = box
    return FoundText(
        text=text,
        left=left,
        top=top,
        right=right,
        bottom=bottom,
        length=right - left,
        height=bottom - top,
        score=score,
        likelihood=likelihood,
    )
