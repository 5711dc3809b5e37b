"""What one side writes, the other reads: every value comes back as it was."""

import json
from dataclasses import replace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from safelight_contracts.development import (
    DEFAULT_DEVELOPMENT,
    Development,
    DevelopmentMethod,
    Highlights,
    WhiteBalance,
    development_from_environment,
    development_to_environment,
)
from safelight_contracts.events import OUTCOMES, Announcement, announcement_from_json, announcement_to_json
from safelight_contracts.image_types import WRITABLE_TYPES, ImageType
from safelight_contracts.limits import Limits, limits_from_environment, limits_to_environment
from safelight_contracts.presentation import (
    DEFAULT_PRESENTATION,
    Presentation,
    presentation_from_environment,
    presentation_to_environment,
)
from safelight_contracts.renditions import (
    ChromaSubsampling,
    Fit,
    Metadata,
    Rendition,
    Ssim,
    renditions_from_json,
    renditions_to_json,
)
from safelight_contracts.watermarks import Watermark, WatermarkPosition

PARTS = st.floats(min_value=0, max_value=1, allow_nan=False)
COLORS = st.from_regex(r"#[0-9a-f]{6}", fullmatch=True)
WATERMARKS = st.builds(
    Watermark.text,
    st.from_regex(r"[!-~]{1,100}", fullmatch=True),
    color=COLORS,
    position=st.sampled_from(WatermarkPosition),
    scale=st.floats(min_value=0.05, max_value=1),
    opacity=st.floats(min_value=0.01, max_value=1),
    margin=st.floats(min_value=0, max_value=0.5),
)
TARGETS = st.builds(Ssim, st.floats(0.5, 0.99), tolerance=st.floats(0, 0.99))
INVISIBLE_WATERMARKS = st.from_regex(r"[!-~]{1,8}", fullmatch=True)
FITTED = st.one_of(
    st.fixed_dictionaries(
        {"fit": st.just(Fit.COVER), "height": st.integers(1, 5000)}, optional={"focal_point": st.tuples(PARTS, PARTS)}
    ),
    st.fixed_dictionaries({"fit": st.just(Fit.CONTAIN), "height": st.integers(1, 4000), "background": COLORS}),
    st.fixed_dictionaries({"fit": st.just(Fit.INSIDE)}, optional={"height": st.integers(1, 5000)}),
    st.fixed_dictionaries({"fit": st.just(Fit.FILL), "height": st.integers(1, 5000), "enlarge": st.booleans()}),
)
WRITTEN = st.one_of(
    st.fixed_dictionaries({"type": st.sampled_from(WRITABLE_TYPES)}),
    st.fixed_dictionaries({"type": st.just(ImageType.JPEG), "quality": st.integers(1, 100)}),
    st.fixed_dictionaries(
        {"type": st.sampled_from([ImageType.JPEG, ImageType.AVIF])},
        optional={"chroma_subsampling": st.sampled_from(ChromaSubsampling), "target": TARGETS},
    ),
    st.fixed_dictionaries({"type": st.just(ImageType.WEBP), "target": TARGETS}),
    st.fixed_dictionaries({"type": st.just(ImageType.WEBP), "animated": st.booleans()}),
    st.fixed_dictionaries({"type": st.just(ImageType.AVIF), "watermark": WATERMARKS}),
)


@st.composite
def renditions(draw: st.DrawFn) -> Rendition:
    values: dict[str, Any] = draw(FITTED) | draw(WRITTEN)
    name = draw(st.from_regex(r"[a-z0-9][a-z0-9_-]{0,31}", fullmatch=True))
    values["width"] = draw(st.integers(1, 5000))
    values["keep"] = draw(st.lists(st.sampled_from(Metadata)))
    if min(values["width"], values.get("height", 5000)) >= 400 and not values.get("animated"):
        values["invisible_watermark"] = draw(st.none() | INVISIBLE_WATERMARKS)
    return Rendition(name=name, **values)


@given(st.lists(renditions(), max_size=5))
def test_renditions(made: list[Rendition]) -> None:
    assert renditions_from_json(renditions_to_json(made)) == made


@given(renditions().filter(lambda rendition: rendition.watermark is not None))
def test_the_file_of_a_watermark_stays_out_of_a_function_s_environment(rendition: Rendition) -> None:
    assert rendition.watermark is not None
    with_font = replace(rendition, watermark=replace(rendition.watermark, file_name="0a1b.font", file=b"a font"))
    (read,) = renditions_from_json(renditions_to_json([with_font]))
    assert read == replace(rendition, watermark=replace(rendition.watermark, file_name="0a1b.font"))


@given(
    st.builds(
        Limits,
        max_bytes=st.integers(1, 104_857_600),
        max_pixels=st.integers(1, 130_000_000),
        max_side=st.integers(min_value=1),
        max_frames=st.integers(min_value=1),
        max_ratio=st.integers(min_value=1),
        max_seconds=st.integers(min_value=1),
    )
)
def test_limits(limits: Limits) -> None:
    assert limits_from_environment(limits_to_environment(limits)) == limits


def test_limits_without_a_variable_are_the_defaults() -> None:
    assert limits_from_environment({}) == Limits()


@given(
    st.builds(
        Development,
        method=st.sampled_from(DevelopmentMethod),
        white_balance=st.sampled_from(WhiteBalance),
        brightness=st.none() | st.floats(min_value=0.1, max_value=10),
        highlights=st.sampled_from(Highlights),
    )
)
def test_a_development(development: Development) -> None:
    assert development_from_environment(development_to_environment(development)) == development


def test_no_development_is_the_default_one() -> None:
    assert development_from_environment(development_to_environment(None)) == DEFAULT_DEVELOPMENT


@given(st.lists(COLORS, min_size=1, max_size=4, unique=True), st.booleans())
def test_a_presentation(backgrounds: list[str], animated: bool) -> None:  # noqa: FBT001 - a parameter of the test
    presentation = Presentation(backgrounds=tuple(backgrounds), animated=animated)
    assert presentation_from_environment(presentation_to_environment(presentation)) == presentation


def test_the_default_presentation_needs_no_variable() -> None:
    assert presentation_to_environment(DEFAULT_PRESENTATION) == {}
    assert presentation_from_environment({}) == DEFAULT_PRESENTATION


@given(
    st.builds(
        Announcement,
        status=st.sampled_from(OUTCOMES),
        version_id=st.none() | st.text(),
        reason=st.none() | st.text(),
        detail=st.dictionaries(st.text(), st.text()),
        renditions=st.just([]),
        removed=st.lists(st.text()),
        route=st.none() | st.text(),
    )
)
def test_an_announcement(announcement: Announcement) -> None:
    assert announcement_from_json(json.loads(json.dumps(announcement_to_json(announcement)))) == announcement
