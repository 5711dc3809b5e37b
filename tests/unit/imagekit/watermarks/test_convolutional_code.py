from hypothesis import given
from hypothesis import strategies as st

from imagekit.watermarks.convolutional_code import add_redundancy, coded_length, most_likely_bits

BITS = st.lists(st.integers(0, 1), max_size=100)


@given(bits=BITS)
def test_bits_survive_a_round_trip(bits: list[int]) -> None:
    coded = add_redundancy(bits)
    assert len(coded) == coded_length(len(bits))
    assert most_likely_bits(coded) == bits


@given(bits=BITS, data=st.data())
def test_up_to_seven_wrong_bits_are_corrected(bits: list[int], data: st.DataObject) -> None:
    # The code's free distance is 15, of which less than half may be wrong.
    coded = add_redundancy(bits)
    wrong = data.draw(st.lists(st.integers(0, len(coded) - 1), max_size=7, unique=True))
    received = [-sign if place in wrong else sign for place, sign in enumerate(coded)]
    assert most_likely_bits(received) == bits


def test_an_unknown_bit_is_recovered_from_the_others() -> None:
    bits = [1, 0, 1, 1, 0, 0, 1, 0]
    received = [0.0 if place % 3 == 1 else float(sign) for place, sign in enumerate(add_redundancy(bits))]
    assert most_likely_bits(received) == bits
