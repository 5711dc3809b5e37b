"""Removes the places where photographs were taken from a report that is sent to somebody."""

import json
from typing import Any

LEFT_OUT = "left out"
_OF_A_POSITION = {"latitude", "longitude"}


def without_positions(value: Any) -> Any:
    """Remove positions from plain values.

    Parameters
    ----------
    value : Any
        As read from JSON. Strings that hold JSON are searched too.

    Returns
    -------
    Any
        The same with each object that has a latitude and a longitude replaced by the words ``left out``.
    """
    if isinstance(value, dict):
        if value.keys() >= _OF_A_POSITION:
            return LEFT_OUT
        return {key: without_positions(item) for key, item in value.items()}
    if isinstance(value, list):
        return [without_positions(item) for item in value]
    if isinstance(value, str) and "latitude" in value:
        return _without_positions_in_text(value)
    return value


def _without_positions_in_text(text: str) -> str:
    try:
        read = json.loads(text)
    except ValueError:
        return text
    cleaned = without_positions(read)
    return text if cleaned == read else json.dumps(cleaned, ensure_ascii=False)
