"""Error correction for bits of which many may be wrong: a convolutional code, decoded by the Viterbi algorithm.

The code has rate 1/3 and constraint length 7, with the generators of 3GPP TS 36.212, 5.1.3.1 (133, 171 and 165 octal).
Unlike the code in that standard, it is terminated by six zeros, so that both ends of the path are known.
"""

from collections.abc import Sequence
from functools import cache

_GENERATORS = (0o133, 0o171, 0o165)
_MEMORY = 6
_STATES = 1 << _MEMORY


def coded_length(bits: int) -> int:
    """Return the number of coded bits for a number of bits."""
    return len(_GENERATORS) * (bits + _MEMORY)


def add_redundancy(bits: Sequence[int]) -> list[int]:
    """Encode bits.

    `bits`: each bit is 0 or 1.

    Returns `coded_length` signs, each -1 or 1.
    """
    coded: list[int] = []
    state = 0
    for bit in (*bits, *[0] * _MEMORY):
        coded += _signs(state, bit)
        state = _next(state, bit)
    return coded


def most_likely_bits(coded: Sequence[float]) -> list[int]:
    """Find the bits whose code is nearest to the received values (Viterbi, 1967).

    `coded`: the confidence in each coded bit, negative for -1 and positive for 1.
    """
    transitions = _transitions()
    likelihoods = [0.0] + [float("-inf")] * (_STATES - 1)
    paths: list[list[int]] = []
    for start in range(0, len(coded), len(_GENERATORS)):
        first, second, third = coded[start : start + len(_GENERATORS)]
        scores = {
            signs: signs[0] * first + signs[1] * second + signs[2] * third
            for signs in {transition[1] for ways in transitions for transition in ways}
        }
        reached, came_from = [], []
        for (one, one_signs), (other, other_signs) in transitions:
            by_one, by_other = likelihoods[one] + scores[one_signs], likelihoods[other] + scores[other_signs]
            reached.append(max(by_one, by_other))
            came_from.append(one if by_one >= by_other else other)
        likelihoods = reached
        paths.append(came_from)
    state, bits = 0, []
    for came_from in reversed(paths):
        bits.append(state & 1)
        state = came_from[state]
    return bits[::-1][:-_MEMORY]


def _next(state: int, bit: int) -> int:
    return (state << 1 | bit) % _STATES


def _signs(state: int, bit: int) -> tuple[int, ...]:
    register = state << 1 | bit
    return tuple(1 if (register & generator).bit_count() % 2 else -1 for generator in _GENERATORS)


@cache
def _transitions() -> list[list[tuple[int, tuple[int, ...]]]]:
    # For each state: the two states that lead to it, each with the signs sent on the way. A state's last bit is the one
    # that was sent.
    ways: list[list[tuple[int, tuple[int, ...]]]] = [[] for _ in range(_STATES)]
    for state in range(_STATES):
        for bit in (0, 1):
            ways[_next(state, bit)].append((state, _signs(state, bit)))
    return ways
