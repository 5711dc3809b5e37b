import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from imagekit.rejection import ImageFault, ImageRejected
from imagekit.source import (
    MAX_FETCHED_BYTES,
    MAX_FETCHES,
    BytesSource,
    FetchedSource,
    PartSource,
    Source,
)

DATA = bytes(range(256)) * 1024


def distant(*, size: int = len(DATA)) -> FetchedSource:
    return FetchedSource(lambda _, length: bytes(length), size=size)


def test_the_fetched_bytes_double_with_each_request() -> None:
    source = distant(size=4_000_000)
    fetched = []
    for offset in (0, 65_536, 131_072, 262_144, 524_288):
        source.read_at(offset, 1)
        fetched.append(source.fetched_bytes)
    assert fetched == [65_536, 131_072, 262_144, 524_288, 1_048_576]
    assert source.fetches == 5


def test_fetched_bytes_are_not_fetched_again() -> None:
    source = distant()
    for offset in range(0, 65_000, 1000):
        source.read_at(offset, 500)
    assert source.fetches == 1


def test_only_the_missing_part_is_fetched() -> None:
    asked = []

    def fetch(offset: int, length: int) -> bytes:
        asked.append((offset, length))
        return DATA[offset : offset + length]

    source = FetchedSource(fetch, size=len(DATA))
    source.read_at(0, 1)
    assert source.read_at(65_000, 1000) == DATA[65_000:66_000]
    assert asked == [(0, 65_536), (65_536, 65_536)]


def test_more_requests_than_allowed_are_rejected() -> None:
    source = FetchedSource(lambda _, length: bytes(min(length, 1)), size=10**9)
    for offset in range(MAX_FETCHES):
        source.read_at(offset * 1000, 10)
    with pytest.raises(ImageRejected) as rejection:
        source.read_at(10**8, 10)
    assert rejection.value.reason is ImageFault.UNREADABLE_IMAGE


def test_more_bytes_than_allowed_are_rejected() -> None:
    source = distant(size=10**9)
    with pytest.raises(ImageRejected):
        source.read_at(0, MAX_FETCHED_BYTES + 1)
    assert source.fetches == 0


def test_a_part_ends_at_its_length_or_at_the_end_of_the_whole() -> None:
    whole = BytesSource(b"0123456789")
    assert PartSource(whole, start=2, length=3).read_at(0, 9) == b"234"
    assert PartSource(whole, start=8, length=3).read_at(0, 9) == b"89"
    assert PartSource(whole, start=8).read_at(0, 9) == b"89"
    assert PartSource(whole, start=2, length=3).read_at(3, 1) == b""
    assert [PartSource(whole, start=start, length=3).size for start in (2, 8, 20)] == [3, 2, 0]


SOURCES: list[Source] = [
    BytesSource(DATA),
    PartSource(BytesSource(b"before" + DATA + b"behind"), start=6, length=len(DATA)),
]


@settings(deadline=None)
@given(st.sampled_from(SOURCES), st.integers(0, len(DATA) + 10), st.integers(0, 70_000))
def test_every_source_gives_its_bytes(source: Source, offset: int, length: int) -> None:
    assert source.size == len(DATA)
    assert source.read_at(offset, length) == DATA[offset : offset + length]


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, len(DATA) + 10), st.integers(0, 70_000)), max_size=8))
def test_a_remote_image_gives_the_same_bytes_in_any_read_order(reads: list[tuple[int, int]]) -> None:
    source = FetchedSource(lambda offset, length: DATA[offset : offset + length], size=len(DATA))
    for offset, length in reads:
        assert source.read_at(offset, length) == DATA[offset : offset + length]
