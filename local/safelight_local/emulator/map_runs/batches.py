"""``ItemBatcher``: several items of a Map state in the input of one child execution."""

import json
import math
from collections.abc import Sequence
from typing import Any

from safelight_local.emulator.map_runs.state import MapState, Properties

LARGEST_INPUT = 262_144
"""Bytes of JSON. See "Quotas" in the developer guide of Step Functions."""


class OversizedItemError(Exception):
    """An item does not fit in a batch, although it is alone in it."""


def child_inputs(state: MapState, items: list[Any]) -> list[Any]:
    """Return the input of each child execution: an item, or a batch of items."""
    from ministack.services import stepfunctions

    batcher: Properties | None = state.definition.get("ItemBatcher")
    if batcher is None:
        return items
    shared = {"BatchInput": state.evaluate(batcher["BatchInput"])} if "BatchInput" in batcher else {}
    most_items = state.number("MaxItemsPerBatch", field=batcher)
    most_bytes = state.number("MaxInputBytesPerBatch", field=batcher)
    try:
        return batches(
            items,
            most_items=math.inf if most_items is None else most_items,
            most_bytes=LARGEST_INPUT if most_bytes is None else min(most_bytes, LARGEST_INPUT),
            shared=shared,
        )
    except OversizedItemError as error:
        raise stepfunctions._ExecutionError("States.DataLimitExceeded", str(error)) from error


def batches(items: Sequence[Any], *, most_items: float, most_bytes: float, shared: Properties) -> list[Properties]:
    """Divide items among batches, in their order, as many in each as fit.

    `most_items`, `most_bytes`: of a batch. Its bytes are those of the whole input as JSON without spaces.
    `shared`: what each batch has beside ``Items``.

    Raises OversizedItemError if one item is too large for a batch.
    """
    around = json_size(shared | {"Items": []})
    made: list[Properties] = []
    size = math.inf
    for index, item in enumerate(items):
        own = json_size(item)
        if size + own + 1 > most_bytes or len(made[-1]["Items"]) >= most_items:
            made.append(shared | {"Items": []})
            size = around - 1
            if size + own + 1 > most_bytes:
                raise OversizedItemError(
                    f"item {index} has {own:,} bytes and does not fit in a batch of {most_bytes:,}"
                )
        made[-1]["Items"].append(item)
        size += own + 1
    return made


def item_count(state: MapState, child_input: Any) -> int:
    """Return how many items a child execution has."""
    return len(child_input["Items"]) if "ItemBatcher" in state.definition else 1


def json_size(value: object) -> int:
    """Return the bytes of a value as JSON without spaces."""
    return len(json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode())
