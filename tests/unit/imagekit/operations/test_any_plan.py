"""Any plan within the bounds of its values makes an image, or is refused."""

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy
from tests.unit.imagekit.operations.making import file_of, noise, read

from imagekit.decoding.limits import inspect
from imagekit.geometry import Box, Size
from imagekit.operations.make import make_image
from imagekit.operations.plans import most_pixels
from safelight_contracts.delivery import effects, shaping
from safelight_contracts.delivery.accept import AcceptedType
from safelight_contracts.delivery.colors import Color
from safelight_contracts.delivery.operations import ImagePlan, Operation, Output
from safelight_contracts.delivery.overlays import Distance, Overlay, Place, Unit
from safelight_contracts.delivery.refusals import Refusal, RequestRefusedError
from safelight_contracts.image_types import WRITABLE_TYPES
from safelight_contracts.limits import Limits

BYTE, PART = st.integers(0, 255), st.floats(0, 1)
# Small sides, so that each example takes milliseconds. `test_bounds` has large ones.
SIDE = st.integers(1, 90)
SMALL = st.integers(0, 40)
COLORS = st.builds(Color, red=BYTE, green=BYTE, blue=BYTE, alpha=st.sampled_from([0, 100, 255]))
NUMBERS = st.floats(-300, 300)
SOURCES = [
    file_of(noise(*size, channels=channels)) for size in ((1, 1), (2, 31), (37, 23)) for channels in (1, 2, 3, 4)
]
BOXES = st.builds(
    lambda x, y: Box(left=min(x), top=min(y), right=max(x), bottom=max(y)), st.tuples(PART, PART), st.tuples(PART, PART)
)


def crops() -> SearchStrategy[Operation]:
    edge = st.integers(-10, 60)
    return st.builds(shaping.Crop, left=edge, top=edge, right=edge, bottom=edge)


def resizes() -> SearchStrategy[Operation]:
    side = st.one_of(SIDE, st.sampled_from(shaping.Auto))
    keep = st.one_of(
        st.builds(shaping.FocalPoint, x=PART, y=PART),
        st.sampled_from(shaping.Focus),
        st.builds(
            shaping.Gravity, horizontal=st.sampled_from(shaping.Horizontal), vertical=st.sampled_from(shaping.Vertical)
        ),
    )
    return st.builds(
        shaping.Resize,
        width=side,
        height=side,
        fit=st.sampled_from(shaping.ResizeFit),
        enlarge=st.booleans(),
        adaptive=st.booleans(),
        keep=keep,
        background=COLORS,
    )


def kernels() -> SearchStrategy[Operation]:
    odd = st.sampled_from([3, 5, 7])
    return st.tuples(odd, odd).flatmap(
        lambda sides: st.builds(
            effects.Convolve,
            width=st.just(sides[0]),
            height=st.just(sides[1]),
            kernel=st.lists(NUMBERS, min_size=sides[0] * sides[1], max_size=sides[0] * sides[1]).map(tuple),
            scale=st.none() | st.floats(1, 100),
            offset=NUMBERS,
        )
    )


def overlays() -> SearchStrategy[Operation]:
    distance = st.builds(
        Distance, value=st.floats(0, 200), unit=st.sampled_from(Unit), from_end=st.booleans()
    ) | st.sampled_from(Place)
    ratio = st.none() | st.floats(1, 100)
    return st.builds(
        Overlay,
        bucket=st.none(),
        key=st.just("a"),
        x=distance,
        y=distance,
        opacity=PART,
        width_ratio=ratio,
        height_ratio=ratio,
    )


OPERATIONS: SearchStrategy[Operation] = st.one_of(
    crops(),
    resizes(),
    kernels(),
    overlays(),
    st.builds(shaping.Trim, corner=st.sampled_from(shaping.Corner), tolerance=BYTE),
    st.builds(shaping.CropToFaces, index=st.none() | st.integers(0, 3), padding=SMALL),
    st.builds(shaping.Scale, factor=st.floats(0.01, 3)),
    st.builds(shaping.Flip, horizontal=st.booleans(), vertical=st.booleans()),
    st.builds(shaping.Rotate, degrees=st.floats(-360, 360) | st.sampled_from([-90, 90, 180]), background=COLORS),
    st.builds(shaping.Extend, left=SMALL, top=SMALL, right=SMALL, bottom=SMALL, background=COLORS),
    st.builds(shaping.Pad, background=st.none() | COLORS),
    st.builds(
        shaping.RoundCrop,
        x=st.none() | SMALL,
        y=st.none() | SMALL,
        x_radius=st.none() | SMALL,
        y_radius=st.none() | SMALL,
    ),
    st.builds(effects.Blur, sigma=st.none() | st.floats(0.3, 100)),
    st.builds(effects.Sharpen, sigma=st.none() | st.floats(0.01, 10), flat=st.floats(0, 100), jagged=st.floats(0, 100)),
    st.builds(effects.Median, size=st.integers(1, 15)),
    st.builds(effects.Gamma, value=st.floats(1, 3)),
    st.builds(effects.Negate, alpha=st.booleans()),
    st.builds(effects.Normalize, lower=st.floats(0, 50), upper=st.floats(50, 100)),
    st.builds(effects.Equalize),
    st.builds(effects.Clahe, width=st.integers(1, 60), height=st.integers(1, 60), max_slope=st.integers(0, 100)),
    st.builds(effects.Threshold, value=BYTE, grayscale=st.booleans()),
    st.builds(
        effects.Linear,
        factors=st.sampled_from([1, 3]).flatmap(
            lambda count: st.lists(NUMBERS, min_size=count, max_size=count).map(tuple)
        ),
        offsets=st.lists(NUMBERS, min_size=1, max_size=1).map(tuple),
    ),
    st.builds(effects.Recomb, st.lists(NUMBERS, min_size=9, max_size=9).map(tuple)),
    st.builds(
        effects.Modulate,
        brightness=st.floats(0, 10),
        saturation=st.floats(0, 10),
        hue=st.floats(-360, 360),
        lightness=st.floats(-100, 100),
    ),
    st.builds(effects.Tint, COLORS),
    st.builds(effects.Grayscale),
    st.builds(effects.Flatten, COLORS),
    st.builds(effects.RemoveAlpha),
    st.builds(effects.EnsureAlpha, alpha=PART),
    st.builds(effects.BlurUnsafe, sigma=st.floats(0.3, 100)),
)


@settings(deadline=None, max_examples=100)
@given(
    source=st.sampled_from(SOURCES),
    operations=st.lists(OPERATIONS, max_size=5).map(tuple),
    accepted=st.sampled_from(AcceptedType),
    image_type=st.none() | st.sampled_from(WRITABLE_TYPES),
    faces=st.lists(BOXES, max_size=3),
    mark=st.sampled_from(SOURCES),
)
def test_any_plan_makes_an_image_or_is_refused(
    source: bytes,
    operations: tuple[Operation, ...],
    accepted: AcceptedType,
    image_type: None,
    faces: list[Box],
    mark: bytes,
) -> None:
    plan = ImagePlan(operations=operations, output=Output(type=image_type, effort=0))
    marks = {one: read(mark) for one in operations if isinstance(one, Overlay)}
    given_source = read(source)
    own = Size(width=given_source.header.width, height=given_source.header.height)
    made, refusal = None, None
    try:
        made = make_image(given_source, plan=plan, accepted=accepted, faces=faces, is_unsafe=True, overlays=marks)
    except RequestRefusedError as refused:
        refusal = refused.refusal
    if made is None:
        assert refusal is Refusal.BAD_PARAMETER
        return
    header = inspect(made.data, limits=Limits(max_ratio=10**9))
    assert (header.type, header.width, header.height) == (made.type, made.width, made.height)
    assert made.width * made.height <= most_pixels(plan, picture=own)
