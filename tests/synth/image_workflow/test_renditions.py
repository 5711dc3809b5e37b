"""What a rendition may be asked to be, and how the step that makes it is told."""

import json
from typing import Any

import pytest

from safelight import ChromaSubsampling, Fit, ImageType, Metadata, Rendition, Ssim, WorkflowVersion
from safelight.image_workflow.presentation import presentation_environment


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"fit": Fit.CONTAIN}, r"Fit\.CONTAIN needs a height. Add one, or use Fit\.INSIDE"),
        ({"fit": Fit.FILL}, r"Fit\.FILL needs a height. Add one, or use Fit\.INSIDE"),
        ({"enlarge": True}, "enlarge=True needs a height"),
        ({"width": 5001, "height": 5000, "enlarge": True}, "more than 25,000,000 pixels"),
        ({"width": 5001, "height": 5000, "fit": Fit.CONTAIN}, "more than 25,000,000 pixels"),
        ({"width": 16_384, "height": 9, "fit": Fit.CONTAIN, "type": ImageType.WEBP}, "WEBP has 16,383 pixels a side"),
        ({"height": 9, "fit": Fit.COVER, "focal_point": (0.5, 1.1)}, "must be two numbers from 0 to 1"),
        ({"focal_point": (0.2, 0.5)}, r"Fit\.INSIDE crops nothing. Omit focal_point, or use Fit\.COVER"),
        ({"background": "white"}, "#rrggbb or #rrggbbaa"),
        ({"background": "#ffffff00"}, "JPEG has no transparency"),
        ({"background": "#000000", "type": ImageType.WEBP}, r"Omit background, or use Fit\.CONTAIN"),
        ({"animated": True}, r"an animation is written as WebP. Use type=ImageType\.WEBP"),
        ({"animated": True, "type": ImageType.WEBP, "target": Ssim(0.95)}, "Give an animation a quality"),
        ({"quality": 80, "target": Ssim(0.95)}, "quality and target are both given.*omit one of them"),
        ({"target": Ssim(0.95), "type": ImageType.PNG}, "PNG is lossless. Omit quality and target"),
        ({"chroma_subsampling": ChromaSubsampling.YUV_444, "type": ImageType.PNG}, "PNG is lossless. Omit chroma_sub"),
        (
            {"chroma_subsampling": ChromaSubsampling.YUV_420, "type": ImageType.WEBP},
            r"WebP always has 4:2:0. Omit chroma_subsampling, or use ImageType\.JPEG or ImageType\.AVIF",
        ),
    ],
)
def test_a_rendition_that_contradicts_itself_is_rejected(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=f"Rendition 'a': .*{message}"):
        Rendition(name="a", **{"width": 9, **arguments})


@pytest.mark.parametrize("value", [0, 1, 95, -0.5])
def test_an_invalid_similarity_is_rejected(value: float) -> None:
    with pytest.raises(ValueError, match=r"above 0 and below 1, such as 0\.95"):
        Ssim(value)


@pytest.mark.parametrize("tolerance", [-0.01, 1])
def test_an_invalid_tolerance_is_rejected(tolerance: float) -> None:
    with pytest.raises(ValueError, match=f"tolerance={tolerance} must be at least 0 and below 1"):
        Ssim(0.95, tolerance=tolerance)


def renditions_of(built: Any) -> Any:
    (made,) = (
        function["Environment"]["Variables"]["RENDITIONS"]
        for function in built.resources("AWS::Lambda::Function").values()
        if "RENDITIONS" in function.get("Environment", {}).get("Variables", {})
    )
    return json.loads(made)


@pytest.mark.parametrize("version", list(WorkflowVersion))
def test_the_step_gets_the_renditions(build: Any, version: WorkflowVersion) -> None:
    tile = Rendition(
        name="tile", width=400, height=300, fit=Fit.COVER, focal_point=(0.5, 0.25), target=Ssim(0.97), enlarge=True
    )
    card = Rendition(
        name="card", width=400, height=300, fit=Fit.CONTAIN, background="#10203080", type=ImageType.WEBP, quality=70
    )
    signed = Rendition(
        name="signed",
        width=900,
        chroma_subsampling=ChromaSubsampling.YUV_444,
        keep=[Metadata.ARTIST, Metadata.COPYRIGHT],
    )
    assert renditions_of(build(version=version, renditions=[tile, card, signed])) == [
        {"name": "tile", "width": 400, "height": 300, "fit": "cover", "type": "JPEG", "quality": None}
        | {"focalPoint": [0.5, 0.25], "target": {"ssim": 0.97, "tolerance": 0.005}, "enlarge": True},
        {"name": "card", "width": 400, "height": 300, "fit": "contain", "type": "WEBP", "quality": 70}
        | {"background": "#10203080"},
        {"name": "signed", "width": 900, "height": None, "fit": "inside", "type": "JPEG", "quality": None}
        | {"chromaSubsampling": "4:4:4", "keep": ["copyright", "artist"]},
    ]


def test_a_default_is_not_mentioned(build: Any) -> None:
    told = renditions_of(build(renditions=[Rendition(name="a", width=9)]))
    assert told == [{"name": "a", "width": 9, "height": None, "fit": "inside", "type": "JPEG", "quality": None}]


def test_renditions_that_a_function_s_environment_cannot_hold_are_rejected(build: Any) -> None:
    renditions = [
        Rendition(name=f"{'n' * 29}-{n}", width=4000, height=3000, fit=Fit.COVER, target=Ssim(0.97), enlarge=True)
        for n in range(25)
    ]
    with pytest.raises(ValueError, match=r"renditions take \d+ bytes.*3400 for them\. Use fewer"):
        build(renditions=renditions)


MOVING = Rendition(name="moving", width=400, type=ImageType.WEBP, animated=True)


@pytest.mark.parametrize("version", list(WorkflowVersion))
def test_an_animation_is_kept(build: Any, version: WorkflowVersion) -> None:
    (told,) = renditions_of(build(version=version, renditions=[MOVING]))
    assert told["animated"] is True


CHECKED = [version for version in WorkflowVersion if version is not WorkflowVersion.V1]
LOOKING = {"moderate", "detect_labels", "prepare"}
"""Packages of the steps that show an image to Rekognition, or make the one that is shown."""


def on(color: str, *, name: str = "small") -> Rendition:
    return Rendition(name=name, width=400, background=color)


def shown_to_checks(built: Any) -> list[Any]:
    """What each step that looks at uploads is told of the ways in which readers may see them."""
    functions = built.resources("AWS::Lambda::Function").values()
    looking = [
        function
        for function in functions
        if function["Handler"].removeprefix("image_workflow.").split(".")[0] in LOOKING
    ]
    # A check whose routes are data is told by the image that it looks at.
    environments = [function["Environment"]["Variables"] for function in looking if len(function["Layers"]) > 1]
    return [json.loads(it["PRESENTATION"]) if "PRESENTATION" in it else None for it in environments]


@pytest.mark.parametrize(
    ("renditions", "backgrounds"),
    [
        ([on("#20a0ff")], ["#20a0ff"]),
        ([on("#20A0FF"), on("#20a0ff", name="other")], ["#20a0ff"]),
        ([Rendition(name="clear", width=400, type=ImageType.PNG)], ["#ffffff", "#000000"]),
        ([on("#ffffff"), Rendition(name="clear", width=400, type=ImageType.AVIF)], ["#ffffff", "#000000"]),
        ([on("#20a0ff"), Rendition(name="c", width=9, type=ImageType.WEBP)], ["#20a0ff", "#ffffff", "#000000"]),
    ],
    ids=["a color", "one color twice", "transparent", "white and transparent", "a color and transparent"],
)
def test_each_background_of_a_rendition_is_checked(renditions: list[Rendition], backgrounds: list[str]) -> None:
    told = presentation_environment(renditions)
    assert json.loads(told["PRESENTATION"]) == {"backgrounds": backgrounds, "animated": False}


@pytest.mark.parametrize("version", CHECKED)
def test_checks_of_every_version_get_the_backgrounds(build: Any, version: WorkflowVersion) -> None:
    renditions = [on("#20a0ff"), Rendition(name="c", width=9, type=ImageType.WEBP)]
    told = shown_to_checks(build(version=version, renditions=renditions))
    assert told
    assert all(it == {"backgrounds": ["#20a0ff", "#ffffff", "#000000"], "animated": False} for it in told)


@pytest.mark.parametrize("version", CHECKED)
def test_checks_see_frames_of_an_animation_that_is_kept(build: Any, version: WorkflowVersion) -> None:
    told = shown_to_checks(build(version=version, renditions=[MOVING]))
    assert told
    assert all(it == {"backgrounds": ["#ffffff", "#000000"], "animated": True} for it in told)


@pytest.mark.parametrize("version", CHECKED)
def test_checks_get_no_presentation_if_white_is_the_only_background(build: Any, version: WorkflowVersion) -> None:
    told = shown_to_checks(build(version=version))
    assert told
    assert all(it is None for it in told)


def test_too_many_backgrounds_are_rejected(build: Any) -> None:
    many = [on(f"#0000{number:02x}", name=f"n{number}") for number in range(10)]
    build(renditions=many[:9])
    with pytest.raises(ValueError, match=r"use 10 backgrounds .*support 1 to 9. Give more renditions the same"):
        build(renditions=many)
    with pytest.raises(ValueError, match=r"use 5 backgrounds .*support 1 to 4 where a rendition is animated"):
        build(renditions=[*many[1:4], MOVING])


def test_a_workflow_without_checks_has_any_number_of_backgrounds(build: Any) -> None:
    build(version=WorkflowVersion.V1, renditions=[on(f"#0000{number:02x}", name=f"n{number}") for number in range(10)])
