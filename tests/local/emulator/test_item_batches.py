"""How items are divided among batches."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safelight_local.emulator.map_runs.batches import OversizedItemError, batches, json_size

ITEMS = st.lists(st.text(max_size=20) | st.integers(0, 999) | st.lists(st.text(max_size=3), max_size=3), max_size=20)
SHARED = st.sampled_from([{}, {"BatchInput": {"bucket": "é"}}])


@given(items=ITEMS, most_items=st.integers(1, 6), most_bytes=st.integers(160, 320), shared=SHARED)
def test_every_item_is_in_one_batch_in_order_and_no_batch_has_room_for_the_next_item(
    items: list[object], most_items: int, most_bytes: int, shared: dict[str, object]
) -> None:
    made = batches(items, most_items=most_items, most_bytes=most_bytes, shared=shared)
    assert [item for batch in made for item in batch["Items"]] == items
    assert all(batch == shared | {"Items": batch["Items"]} for batch in made)
    assert all(1 <= len(batch["Items"]) <= most_items and json_size(batch) <= most_bytes for batch in made)
    for batch, following in pairwise(made):
        larger = shared | {"Items": [*batch["Items"], following["Items"][0]]}
        assert len(batch["Items"]) == most_items or json_size(larger) > most_bytes


def test_an_item_that_fits_in_no_batch_is_refused_by_its_index() -> None:
    with pytest.raises(OversizedItemError, match=r"item 1 has 32 bytes and does not fit in a batch of 30"):
        batches(["a", "b" * 30], most_items=9, most_bytes=30, shared={})
