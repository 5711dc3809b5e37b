"""Requests by a JSON document: AWS's Serverless Image Handler's form, with sharp's edits.

The order of edits in a document does not count. They happen in the order in which sharp's pipeline does them.
"""

import re
from collections.abc import Callable, Mapping, Sequence

from deliverykit import json_effects, json_shaping
from deliverykit.formats import MAX_EFFORT, TYPES, agreed_type, only_read, quality_of, type_of
from deliverykit.given import Given, check_known, contradiction
from safelight_contracts.delivery.operations import ImagePlan, Operation, Output
from safelight_contracts.delivery.request_urls import RequestUrl

_Reader = Callable[[Given], Sequence[Operation]]

# Source of the order: sharp's pipeline.cc. An edit with two places does a part at each.
_PIPELINE: Sequence[tuple[str, _Reader]] = (
    ("trim", json_shaping.trim),
    ("crop", json_shaping.crop),
    ("extract", json_shaping.crop),
    ("smartCrop", json_shaping.smart_crop),
    ("flatten", json_effects.flatten),
    ("negate", json_effects.negate),
    ("gamma", json_effects.gamma_before_resize),
    ("resize", json_shaping.resize),
    ("grayscale", json_effects.grayscale),
    ("greyscale", json_effects.grayscale),
    ("rotate", json_shaping.rotate),
    ("extend", json_shaping.extend),
    ("median", json_effects.median),
    ("threshold", json_effects.threshold),
    ("blur", json_effects.blur),
    ("contentModeration", json_effects.blur_unsafe),
    ("convolve", json_effects.convolve),
    ("recomb", json_effects.recomb),
    ("modulate", json_effects.modulate),
    ("sharpen", json_effects.sharpen),
    ("overlayWith", json_shaping.overlay),
    ("gamma", json_effects.gamma_after_resize),
    ("linear", json_effects.linear),
    ("normalize", json_effects.normalize),
    ("normalise", json_effects.normalize),
    ("clahe", json_effects.clahe),
    ("tint", json_effects.tint),
    ("removeAlpha", json_effects.remove_alpha),
    ("ensureAlpha", json_effects.ensure_alpha),
    ("roundCrop", json_shaping.round_crop),
)
_FLIPS = ("flip", "flop")
# After `resize` and `grayscale`, as sharp's.
_FLIPS_BEFORE = "rotate"
_SAME = (("crop", "extract"), ("grayscale", "greyscale"), ("normalize", "normalise"))
_TYPE_EDITS = ("jpeg", "png", "webp", "avif")
_READ_TYPE_EDITS = ("gif", "tiff", "heif")
EDITS = frozenset({*(name for name, _ in _PIPELINE), *_FLIPS, *_TYPE_EDITS, *_READ_TYPE_EDITS, "toFormat", "animated"})
MEMBERS = frozenset({"edits", "outputFormat", "effort", "headers"})
"""Members of a document besides ``bucket`` and ``key``."""

# S3 keeps these with a stored result, so a hit has them too.
HEADERS = {name.lower(): name for name in ("Content-Disposition", "Content-Language")}
"""Response headers that a request may set, by their names in lower case."""

MAX_HEADER = 256
_HEADER_VALUE = re.compile(r"[!-~](?:[ -~]*[!-~])?")


def plan_of_document(url: RequestUrl) -> ImagePlan:
    """Read a document."""
    check_known(url.document, known=MEMBERS, kind="member")
    document = {name: Given(name=name, value=value) for name, value in url.document.items()}
    edits = document["edits"].members(EDITS) if "edits" in document else {}
    for name, other in _SAME:
        if name in edits and other in edits:
            raise contradiction(f"edits.{name} and edits.{other} are the same.", parameter=f"edits.{other}")
    return ImagePlan(operations=tuple(_operations(edits)), output=_output(document, edits=edits))


def _operations(edits: Mapping[str, Given]) -> Sequence[Operation]:
    operations: list[Operation] = []
    for name, read in _PIPELINE:
        if name == _FLIPS_BEFORE:
            operations += json_shaping.flips({flip: edits[flip] for flip in _FLIPS if flip in edits})
        if name in edits:
            operations += read(edits[name])
    return operations


def _output(document: Mapping[str, Given], *, edits: Mapping[str, Given]) -> Output:
    for name in _READ_TYPE_EDITS:
        if name in edits:
            raise only_read(edits[name])
    types = {given.name: type_of(given) for given in _named_types(document, edits=edits)}
    options = [edits[name] for name in _TYPE_EDITS if name in edits]
    types |= {given.name: TYPES[given.name.removeprefix("edits.")] for given in options}
    asked = [given.members(("quality", "effort")) for given in options if given.value is not True]
    qualities = [quality_of(members["quality"]) for members in asked if "quality" in members]
    efforts = [members["effort"] for members in asked if "effort" in members]
    if "effort" in document:
        efforts.append(document["effort"])
    if len(efforts) > 1:
        raise contradiction("The effort is given twice.", parameter="effort")
    return Output(
        type=agreed_type(types),
        quality=qualities[0] if qualities else None,
        effort=efforts[0].whole(least=0, most=MAX_EFFORT) if efforts else None,
        animated=edits["animated"].switch() if "animated" in edits else None,
        headers=_headers(document["headers"]) if "headers" in document else (),
    )


def _named_types(document: Mapping[str, Given], *, edits: Mapping[str, Given]) -> Sequence[Given]:
    found = (document.get("outputFormat"), edits.get("toFormat"))
    return [given for given in found if given is not None]


def _headers(given: Given) -> tuple[tuple[str, str], ...]:
    members = given.members({*HEADERS.values(), *(name for name in _names(given) if name.lower() in HEADERS)})
    if not members:
        raise given.refused("must have a header.")
    headers: dict[str, str] = {}
    for name, member in members.items():
        canonical = HEADERS[name.lower()]
        if canonical in headers:
            raise contradiction(f"{member.name} is given twice.", parameter=member.name)
        value = member.text()
        if len(value) > MAX_HEADER or not _HEADER_VALUE.fullmatch(value):
            raise member.refused(f"must be 1 to {MAX_HEADER} printable ASCII characters without spaces around them.")
        headers[canonical] = value
    return tuple(sorted(headers.items()))


def _names(given: Given) -> Sequence[str]:
    return list(given.value) if isinstance(given.value, dict) else []
