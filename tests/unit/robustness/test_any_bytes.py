from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from tests.unit.robustness.engine import outcomes_of
from tests.unit.robustness.samples import SAMPLES

from imagekit.rejection import ImageFault

# The same files each time: `make fuzz` is where chance is given time.
THE_SAME_EACH_TIME = settings(derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow])

STARTS = [
    *(b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", b"GIF89a", b"RIFF\xff\0\0\0WEBPVP8X", b"BM"),
    *(b"II*\0\x08\0\0\0", b"MM\0*\0\0\0\x08", b"II+\0\x08\0\0\0\x10\0\0\0\0\0\0\0"),
    *(b"\0\0\0\x10ftypavif\0\0\0\0", b"\0\0\0\x10ftypheic\0\0\0\0"),
    *(b"\0\0\0\x10ftypcrx \0\0\0\0", b"FUJIFILMCCD-RAW ", b"IIRO\x08\0\0\0", b"IIU\0\x08\0\0\0"),
    *(b"\0\0\0\x0cjP  \r\n\x87\n", b"\xff\x4f\xff\x51"),
]
STEPS = st.sampled_from(["replace", "insert", "remove", "repeat"])


def edited(data: bytes, *, step: str, at: int, content: bytes) -> bytes:
    at %= len(data) + 1
    removed = 0 if step == "insert" else len(content)
    put = {"remove": b"", "repeat": data[at : at + 200] * len(content)}.get(step, content)
    return data[:at] + put + data[at + removed :]


@settings(THE_SAME_EACH_TIME, max_examples=300)
@given(
    sample=st.sampled_from(list(SAMPLES.values())),
    edits=st.lists(st.tuples(STEPS, st.integers(0, 4000), st.binary(min_size=1, max_size=8)), min_size=1, max_size=5),
)
def test_an_edited_file_gives_reproducible_values_or_rejections(
    sample: bytes, edits: list[tuple[str, int, bytes]]
) -> None:
    data = sample
    for step, at, content in edits:
        data = edited(data, step=step, at=at, content=content)
    assert outcomes_of(data) == outcomes_of(data)


@settings(THE_SAME_EACH_TIME, max_examples=150)
@given(one=st.sampled_from(list(SAMPLES.values())), other=st.sampled_from(list(SAMPLES.values())), cut=st.floats(0, 1))
def test_the_start_of_one_file_and_the_end_of_another_give_values_or_rejections(
    one: bytes, other: bytes, cut: float
) -> None:
    assert outcomes_of(one[: int(len(one) * cut)] + other[int(len(other) * cut) :])


@settings(THE_SAME_EACH_TIME, max_examples=500)
@given(start=st.sampled_from(STARTS), rest=st.binary(max_size=300))
@example(start=b"", rest=b"")
def test_any_bytes_after_a_signature_give_values_or_rejections(start: bytes, rest: bytes) -> None:
    assert outcomes_of(start + rest)


@THE_SAME_EACH_TIME
@given(rest=st.binary(max_size=600))
def test_bytes_with_an_unknown_signature_are_unreadable(rest: bytes) -> None:
    assert set(outcomes_of(b"\x7f" + rest).values()) == {ImageFault.UNREADABLE_IMAGE}
