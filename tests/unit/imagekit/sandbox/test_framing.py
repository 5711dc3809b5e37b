from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imagekit.sandbox.framing import receive, send


def sent(*parts: bytes) -> bytes:
    stream = BytesIO()
    send(stream, *parts)
    return stream.getvalue()


@given(messages=st.lists(st.lists(st.binary(max_size=200), max_size=5), max_size=4))
def test_messages_arrive_in_order_and_unchanged(messages: list[list[bytes]]) -> None:
    stream = BytesIO(b"".join(sent(*parts) for parts in messages))
    assert [receive(stream, max_bytes=1000) for _ in messages] == messages


@given(parts=st.lists(st.binary(max_size=50), max_size=3), cut=st.floats(0, 1, exclude_max=True))
def test_a_truncated_message_is_distinguished(parts: list[bytes], cut: float) -> None:
    whole = sent(*parts)
    with pytest.raises(EOFError):
        receive(BytesIO(whole[: int(len(whole) * cut)]), max_bytes=1000)


@given(parts=st.lists(st.binary(min_size=1, max_size=50), min_size=1, max_size=3))
def test_too_large_a_message_is_not_read(parts: list[bytes]) -> None:
    stream = BytesIO(sent(*parts))
    with pytest.raises(ValueError, match="bytes"):
        receive(stream, max_bytes=sum(map(len, parts)) - 1)


def test_a_message_with_too_many_parts_is_not_read() -> None:
    with pytest.raises(ValueError, match="4294967295 parts"):
        receive(BytesIO(b"\xff" * 100), max_bytes=1000)
