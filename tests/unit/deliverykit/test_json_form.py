"""What the edits of a JSON document mean."""

from typing import Any

import pytest
from tests.unit.deliverykit.asked import document_plan, edits_plan, refused

from deliverykit.json_form import EDITS, HEADERS, MEMBERS
from safelight_contracts.delivery import effects, shaping
from safelight_contracts.delivery.colors import BLACK, WHITE, Color
from safelight_contracts.delivery.operations import ImagePlan, Operation, Output
from safelight_contracts.delivery.overlays import Distance, Overlay, Place, Unit
from safelight_contracts.delivery.refusals import Refusal
from safelight_contracts.delivery.shaping import Focus, Gravity, Horizontal, ResizeFit, Vertical
from safelight_contracts.image_types import ImageType

RED = Color(red=255, green=0, blue=0)
BOX = {"left": 1, "top": 2, "width": 3, "height": 4}
IDENTITY = [[1, 0, 0], [0, 1, 0], [0, 0, 1]]
SOBEL = [-1, 0, 1, -2, 0, 2, -1, 0, 1]
SIDES_OUT_OF_RANGE: list[Any] = [0, 8193, 1.5, "1.5", "", True, "0300", [3]]
FACTORS_OUT_OF_RANGE: list[Any] = [[1, 2], [], 1001, "x", {}]
ANGLES_OUT_OF_RANGE: list[Any] = [361, "x", True, {}]

# For each edit: its value, and the operations that it stands for.
MEANINGS: list[tuple[str, Any, tuple[Operation, ...]]] = [
    ("resize", {"width": 300}, (shaping.Resize(width=300),)),
    ("resize", {"width": "300", "height": None}, (shaping.Resize(width=300),)),
    ("resize", {}, ()),
    (
        "resize",
        {"width": 3, "height": 2, "fit": "contain", "background": "red", "withoutEnlargement": True},
        (shaping.Resize(width=3, height=2, fit=ResizeFit.CONTAIN, background=RED, enlarge=False),),
    ),
    (
        "resize",
        {"width": 300, "height": 200, "ratio": 0.5},
        (shaping.Resize(width=150, height=100, fit=ResizeFit.INSIDE),),
    ),
    ("resize", {"width": 3, "height": 5, "ratio": 0.5, "fit": "cover"}, (shaping.Resize(width=2, height=3),)),
    ("resize", {"ratio": 0.5}, (shaping.Scale(factor=0.5),)),
    ("resize", {"ratio": 2, "withoutEnlargement": True}, (shaping.Scale(factor=1),)),
    (
        "resize",
        {"width": 3, "position": "right top"},
        (shaping.Resize(width=3, keep=Gravity(horizontal=Horizontal.RIGHT, vertical=Vertical.TOP)),),
    ),
    ("resize", {"width": 3, "position": "south"}, (shaping.Resize(width=3, keep=Gravity(vertical=Vertical.BOTTOM)),)),
    (
        "resize",
        {"width": 3, "position": "northwest"},
        (shaping.Resize(width=3, keep=Gravity(horizontal=Horizontal.LEFT, vertical=Vertical.TOP)),),
    ),
    ("resize", {"width": 3, "position": "attention"}, (shaping.Resize(width=3, keep=Focus.ATTENTION),)),
    ("crop", BOX, (shaping.Crop(left=1, top=2, right=4, bottom=6),)),
    ("extract", BOX, (shaping.Crop(left=1, top=2, right=4, bottom=6),)),
    ("extend", 5, (shaping.Extend(left=5, top=5, right=5, bottom=5),)),
    ("extend", {"top": 5, "background": "#f00"}, (shaping.Extend(top=5, background=RED),)),
    ("trim", True, (shaping.Trim(),)),
    ("trim", 0, (shaping.Trim(tolerance=0),)),
    ("trim", {"threshold": 25}, (shaping.Trim(tolerance=25),)),
    ("rotate", 45, (shaping.Rotate(degrees=45),)),
    ("rotate", "-90", (shaping.Rotate(degrees=-90),)),
    ("rotate", None, ()),
    ("flip", True, (shaping.Flip(vertical=True),)),
    ("flop", True, (shaping.Flip(horizontal=True),)),
    ("sharpen", True, (effects.Sharpen(),)),
    ("sharpen", 2, (effects.Sharpen(sigma=2),)),
    ("sharpen", {"sigma": 2, "m1": 0, "m2": 3}, (effects.Sharpen(sigma=2, flat=0, jagged=3),)),
    ("median", True, (effects.Median(),)),
    ("median", 5, (effects.Median(size=5),)),
    ("blur", True, (effects.Blur(),)),
    ("blur", 0.3, (effects.Blur(sigma=0.3),)),
    ("blur", {"sigma": 5}, (effects.Blur(sigma=5),)),
    ("flatten", True, (effects.Flatten(background=BLACK),)),
    ("flatten", {"background": {"r": 255, "g": 255, "b": 255}}, (effects.Flatten(background=WHITE),)),
    ("gamma", True, (effects.Gamma(value=1 / 2.2), effects.Gamma(value=2.2))),
    ("gamma", 2, (effects.Gamma(value=0.5), effects.Gamma(value=2))),
    ("negate", True, (effects.Negate(),)),
    ("negate", {"alpha": False}, (effects.Negate(alpha=False),)),
    ("normalize", True, (effects.Normalize(),)),
    ("normalise", {"lower": 0, "upper": 100}, (effects.Normalize(lower=0, upper=100),)),
    ("clahe", {"width": 3, "height": 4}, (effects.Clahe(width=3, height=4),)),
    ("clahe", {"width": 3, "height": 4, "maxSlope": 0}, (effects.Clahe(width=3, height=4, max_slope=0),)),
    # sharp divides by at least 1.
    (
        "convolve",
        {"width": 3, "height": 3, "kernel": SOBEL},
        (effects.Convolve(width=3, height=3, kernel=(-1, 0, 1, -2, 0, 2, -1, 0, 1), scale=1),),
    ),
    (
        "convolve",
        {"width": 3, "height": 3, "kernel": [1] * 9, "offset": 2},
        (effects.Convolve(width=3, height=3, kernel=(1,) * 9, scale=9, offset=2),),
    ),
    ("threshold", True, (effects.Threshold(),)),
    ("threshold", 200, (effects.Threshold(value=200),)),
    ("linear", 0.5, (effects.Linear(factors=(0.5,)),)),
    ("linear", [1, 2, 3], (effects.Linear(factors=(1, 2, 3)),)),
    ("linear", {"b": 10}, (effects.Linear(offsets=(10,)),)),
    ("recomb", IDENTITY, (effects.Recomb(matrix=(1, 0, 0, 0, 1, 0, 0, 0, 1)),)),
    ("modulate", {"brightness": 2, "hue": -90}, (effects.Modulate(brightness=2, hue=-90),)),
    ("tint", {"r": 255, "g": 0, "b": 0}, (effects.Tint(color=RED),)),
    ("grayscale", True, (effects.Grayscale(),)),
    ("greyscale", True, (effects.Grayscale(),)),
    ("removeAlpha", True, (effects.RemoveAlpha(),)),
    ("ensureAlpha", True, (effects.EnsureAlpha(),)),
    ("ensureAlpha", 0, (effects.EnsureAlpha(alpha=0),)),
    ("smartCrop", True, (shaping.CropToFaces(),)),
    ("smartCrop", {"faceIndex": 1, "padding": 20}, (shaping.CropToFaces(index=1, padding=20),)),
    # The handler removes what the ellipse leaves clear.
    ("roundCrop", True, (shaping.RoundCrop(), shaping.Trim())),
    (
        "roundCrop",
        {"left": 10, "top": 20, "rx": 30, "ry": 40},
        (shaping.RoundCrop(x=10, y=20, x_radius=30, y_radius=40), shaping.Trim()),
    ),
    ("contentModeration", True, (effects.BlurUnsafe(),)),
    (
        "contentModeration",
        {"minConfidence": 90, "blur": 20, "moderationLabels": ["Smoking"]},
        (effects.BlurUnsafe(min_confidence=90, sigma=20, labels=frozenset({"Smoking"})),),
    ),
    ("overlayWith", {"key": "mark.png"}, (Overlay(bucket=None, key="mark.png"),)),
    (
        "overlayWith",
        {
            "bucket": "marks",
            "key": "a, b/c (1).png",
            "wRatio": "30",
            "hRatio": 40,
            "alpha": "25",
            "options": {"left": "-10", "top": "20p"},
        },
        (
            Overlay(
                bucket="marks",
                key="a, b/c (1).png",
                x=Distance(value=10, from_end=True),
                y=Distance(value=20, unit=Unit.PERCENT),
                opacity=0.75,
                width_ratio=30,
                height_ratio=40,
            ),
        ),
    ),
    (
        "overlayWith",
        {"key": "a", "options": {"left": 5}},
        (Overlay(bucket=None, key="a", x=Distance(value=5), y=Place.CENTER),),
    ),
]

# For each edit: values out of range, and the name of what is wrong.
REFUSED: list[tuple[str, Any, str]] = [
    *(("resize", {"width": width}, "resize.width") for width in SIDES_OUT_OF_RANGE),
    ("resize", {"height": 0}, "resize.height"),
    ("resize", {"fit": "clip"}, "resize.fit"),
    ("resize", {"ratio": 0}, "resize.ratio"),
    ("resize", {"width": 8000, "height": 8000, "ratio": 2}, "resize.ratio"),
    ("resize", {"position": "entropy"}, "resize.position"),
    ("resize", {"background": "reddish"}, "resize.background"),
    ("resize", {"withoutEnlargement": 1}, "resize.withoutEnlargement"),
    ("resize", True, "resize"),
    ("crop", {**BOX, "width": 0}, "crop.width"),
    ("crop", {"left": 1}, "crop.top"),
    ("extract", {**BOX, "left": -1}, "extract.left"),
    ("extend", 0, "extend"),
    ("extend", {}, "extend"),
    ("extend", {"top": 8193}, "extend.top"),
    ("trim", 256, "trim"),
    ("trim", {}, "trim.threshold"),
    *(("rotate", angle, "rotate") for angle in ANGLES_OUT_OF_RANGE),
    *((edit, False, edit) for edit in ("flip", "flop", "blur", "grayscale", "smartCrop", "removeAlpha", "trim")),
    *((edit, 1, edit) for edit in ("flip", "grayscale", "greyscale", "removeAlpha")),
    *(("sharpen", value, "sharpen") for value in (0, 11)),
    ("sharpen", {"sigma": 2, "m1": -1}, "sharpen.m1"),
    ("sharpen", {"m1": 1}, "sharpen.sigma"),
    *(("median", value, "median") for value in (0, 16, 2.5)),
    *(("blur", value, "blur") for value in (0.2, 101)),
    ("flatten", {"background": {"r": 256}}, "flatten.background.r"),
    *(("gamma", value, "gamma") for value in (0.9, 3.1)),
    ("negate", {"alpha": 1}, "negate.alpha"),
    ("normalize", {"lower": 50, "upper": 50}, "normalize"),
    ("normalise", {"upper": 101}, "normalise.upper"),
    ("clahe", {"width": 0, "height": 1}, "clahe.width"),
    ("clahe", {"width": 1, "height": 1, "maxSlope": 101}, "clahe.maxSlope"),
    ("convolve", {"width": 4, "height": 3, "kernel": [1] * 12}, "convolve.width"),
    ("convolve", {"width": 3, "height": 27, "kernel": [1] * 81}, "convolve.height"),
    ("convolve", {"width": 3, "height": 3, "kernel": [1] * 8}, "convolve.kernel"),
    *(("threshold", value, "threshold") for value in (-1, 256)),
    *(("linear", factor, "linear") for factor in FACTORS_OUT_OF_RANGE),
    ("recomb", [[1, 2, 3]], "recomb"),
    ("modulate", {"brightness": -1}, "modulate.brightness"),
    ("modulate", {}, "modulate"),
    ("tint", "#12345", "tint"),
    ("ensureAlpha", 1.1, "ensureAlpha"),
    ("smartCrop", {"faceIndex": -1}, "smartCrop.faceIndex"),
    ("smartCrop", {"padding": 8193}, "smartCrop.padding"),
    ("roundCrop", {"rx": 0}, "roundCrop.rx"),
    ("contentModeration", {"minConfidence": 101}, "contentModeration.minConfidence"),
    ("contentModeration", {"moderationLabels": []}, "contentModeration.moderationLabels"),
    ("overlayWith", {"key": "a", "alpha": 101}, "overlayWith.alpha"),
    ("overlayWith", {"key": "a", "wRatio": 0}, "overlayWith.wRatio"),
    ("overlayWith", {"key": "a", "options": {"left": "1x"}}, "overlayWith.options.left"),
    ("overlayWith", {"key": "a", "options": {"top": "101p"}}, "overlayWith.options.top"),
    ("overlayWith", {"key": "a", "bucket": "no bucket"}, "overlayWith.bucket"),
    ("overlayWith", {"bucket": "marks"}, "overlayWith.key"),
    ("animated", "yes", "animated"),
    ("toFormat", "auto", "toFormat"),
    *((name, {"quality": 80}, name) for name in ("gif", "tiff", "heif")),
    *((name, {"quality": 101}, f"{name}.quality") for name in ("jpeg", "png", "webp", "avif")),
]


@pytest.mark.parametrize(("name", "value", "operations"), MEANINGS)
def test_an_edit_stands_for_operations(name: str, value: Any, operations: tuple[Operation, ...]) -> None:
    assert edits_plan(**{name: value}).operations == operations


@pytest.mark.parametrize(("name", "value", "parameter"), REFUSED)
def test_a_value_out_of_range_is_refused_by_name(name: str, value: Any, parameter: str) -> None:
    with refused(Refusal.BAD_PARAMETER, f"edits.{parameter}"):
        edits_plan(**{name: value})


def test_every_edit_has_a_case() -> None:
    outputs = {"toFormat", "animated", "jpeg", "png", "webp", "avif", "gif", "tiff", "heif"}
    assert {name for name, _, _ in MEANINGS} | outputs == EDITS
    assert {name for name, _, _ in REFUSED} == EDITS


@pytest.mark.parametrize("name", ["affine", "boolean", "composite", "unflatten", "tile", "toFile", "__proto__"])
def test_an_unknown_edit_is_refused_by_name(name: str) -> None:
    with refused(Refusal.UNKNOWN_PARAMETER, f"edits.{name}"):
        edits_plan(**{name: True})


@pytest.mark.parametrize(
    ("name", "value", "parameter"),
    [
        ("resize", {"width": 3, "kernel": "nearest"}, "resize.kernel"),
        ("trim", {"threshold": 1, "background": "red"}, "trim.background"),
        ("jpeg", {"quality": 80, "progressive": True}, "jpeg.progressive"),
        ("overlayWith", {"key": "a", "options": {"tile": True}}, "overlayWith.options.tile"),
    ],
)
def test_an_unknown_member_of_an_edit_is_refused_by_name(name: str, value: Any, parameter: str) -> None:
    with refused(Refusal.UNKNOWN_PARAMETER, f"edits.{parameter}"):
        edits_plan(**{name: value})


def test_an_unknown_member_of_the_document_is_refused_by_name() -> None:
    with refused(Refusal.UNKNOWN_PARAMETER, "requestType"):
        document_plan({"requestType": "Default"})


def test_the_key_of_an_overlay_is_no_path_that_leaves_its_folder() -> None:
    with refused(Refusal.BAD_PATH, "edits.overlayWith.key"):
        edits_plan(overlayWith={"key": "public/../secret.png"})


@pytest.mark.parametrize(
    ("one", "other"), [("crop", "extract"), ("grayscale", "greyscale"), ("normalize", "normalise")]
)
def test_an_edit_that_has_two_names_is_sent_once(one: str, other: str) -> None:
    value = BOX if one == "crop" else True
    with refused(Refusal.CONTRADICTION, f"edits.{other}"):
        edits_plan(**{one: value, other: value})


def test_a_ratio_needs_both_sides_or_none() -> None:
    with refused(Refusal.CONTRADICTION, "edits.resize.ratio"):
        edits_plan(resize={"width": 3, "ratio": 2})


def test_edits_happen_in_the_order_of_sharps_pipeline() -> None:
    operations = edits_plan(
        **dict.fromkeys(("tint",), "red"),
        **dict.fromkeys(
            ("blur", "flip", "flop", "grayscale", "negate", "normalize", "sharpen", "smartCrop", "trim"), True
        ),
        crop=BOX,
        extend=1,
        gamma=2,
        overlayWith={"key": "a"},
        resize={"width": 3},
        rotate=90,
    ).operations
    assert [type(operation) for operation in operations] == [
        shaping.Trim,
        shaping.Crop,
        shaping.CropToFaces,
        effects.Negate,
        effects.Gamma,
        shaping.Resize,
        effects.Grayscale,
        shaping.Flip,
        shaping.Rotate,
        shaping.Extend,
        effects.Blur,
        effects.Sharpen,
        Overlay,
        effects.Gamma,
        effects.Normalize,
        effects.Tint,
    ]


def test_a_document_without_edits_asks_for_the_picture_upright_in_an_accepted_type() -> None:
    assert document_plan({}) == ImagePlan()


@pytest.mark.parametrize(
    ("document", "output"),
    [
        ({"outputFormat": "jpg"}, Output(type=ImageType.JPEG)),
        ({"outputFormat": "avif", "effort": 6}, Output(type=ImageType.AVIF, effort=6)),
        ({"effort": "0"}, Output(effort=0)),
        ({"edits": {"toFormat": "png"}}, Output(type=ImageType.PNG)),
        ({"edits": {"webp": True}}, Output(type=ImageType.WEBP)),
        ({"edits": {"webp": {"quality": 70, "effort": 2}}}, Output(type=ImageType.WEBP, quality=70, effort=2)),
        ({"outputFormat": "jpeg", "edits": {"jpeg": {"quality": 70}}}, Output(type=ImageType.JPEG, quality=70)),
        ({"edits": {"animated": False}}, Output(animated=False)),
    ],
)
def test_the_file_has_the_type_and_the_options_that_are_asked_for(document: dict[str, Any], output: Output) -> None:
    assert document_plan(document).output == output


@pytest.mark.parametrize(
    ("document", "parameter"),
    [
        ({"outputFormat": "png", "edits": {"toFormat": "webp"}}, "edits.toFormat"),
        ({"edits": {"jpeg": True, "webp": True}}, "edits.webp"),
        ({"effort": 3, "edits": {"webp": {"effort": 3}}}, "effort"),
    ],
)
def test_types_and_efforts_that_differ_are_a_contradiction(document: dict[str, Any], parameter: str) -> None:
    with refused(Refusal.CONTRADICTION, parameter):
        document_plan(document)


@pytest.mark.parametrize(
    ("document", "parameter"),
    [
        ({"outputFormat": None}, "outputFormat"),
        ({"outputFormat": "gif"}, "outputFormat"),
        ({"outputFormat": ["webp"]}, "outputFormat"),
        ({"effort": 7}, "effort"),
        ({"edits": []}, "edits"),
        ({"headers": {}}, "headers"),
        ({"headers": []}, "headers"),
        ({"headers": {"Content-Language": ""}}, "headers.Content-Language"),
        ({"headers": {"Content-Language": "de\r\nSet-Cookie: a=b"}}, "headers.Content-Language"),
        ({"headers": {"Content-Language": "dé"}}, "headers.Content-Language"),
        ({"headers": {"Content-Language": "d" * 257}}, "headers.Content-Language"),
        ({"headers": {"Content-Language": 1}}, "headers.Content-Language"),
    ],
)
def test_a_member_of_the_document_out_of_range_is_refused_by_name(document: dict[str, Any], parameter: str) -> None:
    with refused(Refusal.BAD_PARAMETER, parameter):
        document_plan(document)


def test_members_of_the_document_are_these() -> None:
    assert {"edits", "outputFormat", "effort", "headers"} == MEMBERS


def test_a_document_sets_headers_of_the_list() -> None:
    document = {"headers": {"content-language": "de", "Content-Disposition": 'attachment; filename="a.jpg"'}}
    assert document_plan(document).output.headers == (
        ("Content-Disposition", 'attachment; filename="a.jpg"'),
        ("Content-Language", "de"),
    )
    assert len(HEADERS) == len(document["headers"])


@pytest.mark.parametrize("name", ["Cache-Control", "Set-Cookie", "Access-Control-Allow-Origin", "Content-Type"])
def test_no_other_header_can_be_set(name: str) -> None:
    with refused(Refusal.UNKNOWN_PARAMETER, f"headers.{name}"):
        document_plan({"headers": {name: "x"}})


def test_a_header_is_given_once() -> None:
    with refused(Refusal.CONTRADICTION, "headers.content-language"):
        document_plan({"headers": {"Content-Language": "de", "content-language": "en"}})
