"""The keys of the records table."""

from hypothesis import example, given
from hypothesis import strategies as st

from safelight_contracts.records import (
    asset_key,
    key_of_asset,
    open_partition,
    pad_sequencer,
    place_key,
    sequencer_of,
    tombstone_key,
    upload_key,
)

SEQUENCERS = st.integers(min_value=0, max_value=16**32 - 1)


@given(SEQUENCERS, SEQUENCERS)
@example(16**31 - 1, 16**31)
def test_sequencers_sort_as_the_numbers_that_they_are(one: int, other: int) -> None:
    padded = [pad_sequencer(f"{number:X}") for number in (one, other)]
    assert (padded[0] < padded[1]) is (one < other)


@given(st.text(), SEQUENCERS)
def test_a_record_s_sort_key_gives_its_sequencer(key: str, sequencer: int) -> None:
    record = upload_key(key, sequencer=f"{sequencer:X}", workflow="Photos")
    assert int(sequencer_of(record.sk), 16) == sequencer


@given(st.text())
def test_an_asset_s_sort_key_gives_its_upload_s_key(key: str) -> None:
    asset = asset_key(key, place_id="riverside", workflow="Photos")
    assert key_of_asset(asset.sk, workflow="Photos") == key


@given(st.text())
def test_workflows_that_share_a_table_share_no_upload(key: str) -> None:
    one, other = (upload_key(key, sequencer="1", workflow=workflow) for workflow in ("Photos", "Menus"))
    assert one != other


def test_workflows_that_share_a_table_share_no_open_set() -> None:
    assert open_partition("Photos") != open_partition("Menus")


def test_the_items_of_a_place_are_in_one_partition() -> None:
    assert place_key("riverside").pk == asset_key("a.jpg", place_id="riverside", workflow="Photos").pk


@given(st.text(min_size=1))
def test_a_version_s_tombstone_is_not_that_of_the_whole_key(version_id: str) -> None:
    of_key = tombstone_key("a.jpg", version_id=None, workflow="Photos")
    assert tombstone_key("a.jpg", version_id=version_id, workflow="Photos") != of_key
