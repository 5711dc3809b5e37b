from hypothesis import given
from hypothesis import strategies as st

from imagekit.watermarks.convolutional_code import add_redundancy, coded_length, most_likely_bits

BITS = st.lists(st.integers(0, 1), max_size=100)


@given(bits=BITS)
def test_bits_come_back_as_they_were(bits: list[int]) -> None:
    coded = add_redundancy(bits)
    assert len(coded) == coded_length(len(bits))
    assert most_likely_bits(coded) == bits


@given(bits=BITS, data=st.data())
def test_seven_wrong_signs_anywhere_are_put_right(bits: list[int], data: st.DataObject) -> None:
    # The code's free distance is 15, of which less than half may be wrong.
    coded = add_redundancy(bits)
    wrong = data.draw(st.lists(st.integers(0, len(coded) - 1), max_size=7, unique=True))
    received = [-sign if place in wrong else sign for place, sign in enumerate(coded)]
    assert most_likely_bits(received) == bits


def test_a_bit_that_nothing_is_known_of_follows_from_the_others() -> None:
    bits = [1, 0, 1, 1, 0, 0, 1, 0]
    received = [0.0 if place % 3 == 1 else float(sign) for place, sign in enumerate(add_redundancy(bits))]
    assert most_likely_bits(received) == bits
