"""Results that are too large are refused before they take memory."""

import resource
import sys

import pytest
from tests.unit.imagekit.operations.making import file_of, flat, make, smooth
from tests.unit.pictures import photograph

from imagekit.operations.bounds import MAX_AVIF_PIXELS, MAX_PIXELS
from safelight_contracts.delivery.accept import AcceptedType
from safelight_contracts.delivery.operations import Operation
from safelight_contracts.delivery.refusals import Refusal, RequestRefusedError
from safelight_contracts.delivery.shaping import MAX_SIDE, Auto, Extend, Flip, Pad, Resize, ResizeFit, Rotate, Scale
from safelight_contracts.image_types import ImageType

SMALL = file_of(smooth(60, 40))
STRIP = file_of(flat(4000, 1, 9, 9, 9))


@pytest.mark.parametrize(
    "operations",
    [
        (Resize(width=MAX_SIDE + 1),),
        (Resize(width=MAX_SIDE, height=MAX_SIDE),),
        (Resize(width=1, height=MAX_SIDE + 1, fit=ResizeFit.FILL),),
        (Resize(width=MAX_SIDE, height=MAX_SIDE, fit=ResizeFit.CONTAIN),),
        (Resize(width=8000, height=2, fit=ResizeFit.FILL), Scale(factor=1.1)),
        (Extend(left=MAX_SIDE),),
        (Extend(left=8000, top=8000),),
        (Resize(width=200, height=MAX_SIDE, fit=ResizeFit.FILL), Rotate(degrees=2)),
        (Resize(width=8000, height=1, fit=ResizeFit.FILL), Resize(width=Auto.RATIO, height=2)),
    ],
    ids=str,
)
def test_a_result_that_is_too_large_is_refused(operations: tuple[Operation, ...]) -> None:
    with pytest.raises(RequestRefusedError) as refused:
        make(SMALL, *operations)
    assert refused.value.refusal is Refusal.BAD_PARAMETER
    assert any(str(limit) in refused.value.message for limit in (MAX_SIDE, f"{MAX_PIXELS:,}"))


def test_a_cover_of_a_very_different_shape_is_refused() -> None:
    with pytest.raises(RequestRefusedError) as refused:
        make(STRIP, Resize(width=5000, height=5000))
    assert refused.value.refusal is Refusal.BAD_PARAMETER


def test_a_source_may_be_larger_than_a_result() -> None:
    data = file_of(flat(MAX_SIDE + 400, 20, 9, 9, 9))
    assert make(data, Flip(horizontal=True), Resize(width=400)).width == 400


def test_a_source_that_stays_larger_than_a_result_may_be_is_refused() -> None:
    with pytest.raises(RequestRefusedError) as refused:
        make(file_of(flat(MAX_SIDE + 400, 20, 9, 9, 9)))
    assert refused.value.refusal is Refusal.BAD_PARAMETER


def test_the_box_of_a_resize_that_was_not_filled_is_bounded() -> None:
    strip = Resize(width=MAX_SIDE, height=MAX_SIDE, fit=ResizeFit.INSIDE, enlarge=False)
    with pytest.raises(RequestRefusedError):
        make(SMALL, strip, Pad(background=None))


@pytest.mark.skipif(sys.platform != "linux", reason="Linux counts in kilobytes")
def test_a_huge_result_takes_no_memory() -> None:
    make(SMALL, Resize(width=30))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for operation in (Resize(width=MAX_SIDE, height=MAX_SIDE), Extend(left=MAX_SIDE, top=MAX_SIDE)):
        with pytest.raises(RequestRefusedError):
            make(SMALL, operation)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 20_000


TOO_LARGE_FOR_AVIF = Resize(width=4001, height=4000, fit=ResizeFit.FILL)


def test_what_is_too_large_for_an_avif_is_a_webp_if_the_viewer_decides() -> None:
    made = make(SMALL, TOO_LARGE_FOR_AVIF, accepted=AcceptedType.AVIF, effort=0)
    assert made.type is ImageType.WEBP


@pytest.mark.parametrize("others", [(), (Flip(horizontal=True),)], ids=["its size is known", "flipped"])
def test_what_is_too_large_for_an_avif_is_refused_if_the_request_names_it(others: tuple[Operation, ...]) -> None:
    with pytest.raises(RequestRefusedError) as refused:
        make(SMALL, *others, TOO_LARGE_FOR_AVIF, type=ImageType.AVIF)
    assert (refused.value.refusal, refused.value.parameter) == (Refusal.BAD_PARAMETER, "format")
    assert f"{MAX_AVIF_PIXELS:,}" in refused.value.message


def test_what_is_too_large_for_an_avif_is_refused_before_it_is_decoded() -> None:
    damaged = photograph(width=60, height=40)[:-300]
    with pytest.raises(RequestRefusedError, match="AVIF"):
        make(damaged, TOO_LARGE_FOR_AVIF, type=ImageType.AVIF)
