"""The type of image that a viewer gets."""

import pytest

from safelight_contracts.delivery.accept import AcceptedType, accepted_type


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        ("image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8", AcceptedType.AVIF),
        ("image/webp,*/*", AcceptedType.WEBP),
        ("image/webp;q=0.9,image/avif;q=0.9", AcceptedType.AVIF),
        ("image/avif;q=0.5,image/webp", AcceptedType.WEBP),
        ("image/avif;q=0,image/webp;q=0", AcceptedType.PLAIN),
        ("image/webp;q=0.5,image/jpeg", AcceptedType.PLAIN),
        ("image/webp,image/png", AcceptedType.WEBP),
        ("IMAGE/WebP ; Q=1.000", AcceptedType.WEBP),
        ("image/webp;q=0.1,image/webp", AcceptedType.WEBP),
        ("image/webp;a=b;q=0", AcceptedType.PLAIN),
        ("image/webp;q=2", AcceptedType.PLAIN),
        ("image/webp;q=", AcceptedType.PLAIN),
        ("image/webp2, ximage/webp", AcceptedType.PLAIN),
        ("*/*", AcceptedType.PLAIN),
        ("image/*", AcceptedType.PLAIN),
        ("", AcceptedType.PLAIN),
        (",;,", AcceptedType.PLAIN),
    ],
)
def test_only_a_type_that_is_named_counts_and_the_higher_q_wins(accept: str, expected: AcceptedType) -> None:
    assert accepted_type(accept) is expected
