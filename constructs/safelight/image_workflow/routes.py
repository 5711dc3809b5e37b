"""Routes: the checks that the images of a type of place must pass, and the renditions that are made of them."""

import base64
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from safelight.image_workflow.checks import Check, CheckKind
from safelight_contracts.arguments import validated_fields
from safelight_contracts.detectors import Detector
from safelight_contracts.redaction.redact import Redact, detections_of, redact_to_json
from safelight_contracts.renditions import Rendition

# All verdicts of a route travel together, in a state's 256 KB.
_MAX_CHECKS = 10


@validated_fields
@dataclass(frozen=True, kw_only=True)
class Route:
    """The checks and renditions of the images of one type of place.

    Parameters
    ----------
    checks
        1 to 10, each once. They run in parallel. If several reject, the first in this order gives the reason. ``None``
        makes no checks: every readable image passes.
    renditions
        Names of the workflow's renditions to make, each in all of its formats. Default: all.
    redact
        What is covered in the image before renditions are made of it, such as ``Redact(plates=True)``. If it cannot be
        searched for, the upload fails and nothing is published. Animations and TIFFs of several pages are rejected as
        ``UNSUPPORTED_TYPE``. Default: nothing.

    Raises
    ------
    ValueError
        If there are no checks or more than 10, or one with the same settings twice, ``renditions`` is empty, or
        ``redact`` has another detector than Rekognition.
    TypeError
        If an argument has a wrong type.
    """

    checks: Sequence[Check] | None
    renditions: Sequence[str] | None = None
    redact: Redact | None = None

    def __post_init__(self) -> None:
        if self.checks is not None and not self.checks:
            raise ValueError(
                "Route: checks is empty. Add a check, or use checks=None to publish every readable image without one."
            )
        if len(self.checks or ()) > _MAX_CHECKS:
            raise ValueError(f"A route has {len(self.checks or ())} checks. The maximum is {_MAX_CHECKS}.")
        for at, check in enumerate(self.checks or ()):
            if any((it.name, it.settings) == (check.name, check.settings) for it in (self.checks or ())[:at]):
                raise ValueError(f"A route has the check {check.name!r} twice, with the same settings. Remove one.")
        if self.renditions is not None and not self.renditions:
            raise ValueError("A route has no renditions, so nothing would be published. Add one, or omit it.")
        if self.redact is not None and self.redact.detector is not Detector.REKOGNITION:
            raise ValueError(
                f"A route has redact with detector=Detector.{self.redact.detector.name}, for which the function that "
                "makes renditions has no room. Use Detector.REKOGNITION, or redact with RedactionService."
            )


DEFAULT_ROUTES: Mapping[str, Route] = MappingProxyType(
    {
        "park": Route(checks=(Check.moderation(),)),
        "restaurant": Route(checks=(Check.moderation(), Check.no_people())),
        "cafe": Route(checks=(Check.moderation(), Check.no_people())),
        "bar": Route(checks=(Check.moderation(), Check.no_people())),
    }
)
"""Images of a park are moderated. Images of a restaurant, cafe or bar must also show no people."""


def encode_routes(routes: Mapping[str, Route], *, default_route: Route | None) -> str:
    """Return routes as the state machine reads them: JSON in base64, which needs no escaping.

    Raises
    ------
    ValueError
        If there are no routes, or a type of place is empty or begins or ends with a space.
    """
    if not routes and default_route is None:
        raise ValueError(
            "routes is empty and there is no default_route, so every upload would be rejected. Give one of them."
        )
    for place_type in routes:
        if not place_type.strip():
            raise ValueError(
                f"routes has a route for {place_type!r}. Name a type of place, or use default_route for all others."
            )
        if place_type != place_type.strip():
            raise ValueError(
                f"routes has a route for {place_type!r}, which begins or ends with a space. Uploads match only if "
                f"their place's type is exactly the same text. Use {place_type.strip()!r}."
            )
    document = {
        "routes": {place_type: _encode(route) for place_type, route in sorted(routes.items())},
        "default": None if default_route is None else _encode(default_route),
    }
    return base64.b64encode(json.dumps(document, separators=(",", ":")).encode("ascii")).decode("ascii")


def all_checks(routes: Mapping[str, Route], *, default_route: Route | None) -> tuple[Check, ...]:
    """Return the checks of all routes, route by route."""
    return tuple(check for _, route in _named(routes, default_route=default_route) for check in route.checks or ())


def steps_of_checks(checks: Sequence[Check]) -> frozenset[str]:
    """Return the keys in ``STEP_DEFINITIONS`` of the steps that make checks."""
    names = {check.name for check in checks}
    return frozenset(kind.step for kind in CheckKind if kind.value in names)


def is_redacting(routes: Mapping[str, Route], *, default_route: Route | None) -> bool:
    """Return whether any route covers something."""
    return any(route.redact is not None for _, route in _named(routes, default_route=default_route))


def detections_of_routes(routes: Mapping[str, Route], *, default_route: Route | None) -> frozenset[str]:
    """Return the calls of Rekognition that find what routes cover, as ``rekognition:Operation``."""
    redacts = [route.redact for _, route in _named(routes, default_route=default_route)]
    return frozenset(call for redact in redacts if redact is not None for call in detections_of(redact))


def validate_rendition_names(
    routes: Mapping[str, Route], *, default_route: Route | None, renditions: Sequence[Rendition]
) -> None:
    """Validate that the workflow has every rendition that a route names.

    Raises
    ------
    ValueError
        If it does not. The message names the route, the rendition and those that exist.
    """
    known = {rendition.name for rendition in renditions}
    for name, route in _named(routes, default_route=default_route):
        for wanted in route.renditions or ():
            if wanted not in known:
                raise ValueError(
                    f"{name} names the rendition {wanted!r}, which the workflow does not make. Choose from "
                    f"{sorted(known)}."
                )


def _named(routes: Mapping[str, Route], *, default_route: Route | None) -> Iterator[tuple[str, Route]]:
    for place_type, route in routes.items():
        yield f"The route of {place_type!r}", route
    if default_route is not None:
        yield "default_route", default_route


def _encode(route: Route) -> dict[str, Any]:
    return {
        "checks": [
            {"check": check.name, "settings": dict(check.settings), "onError": check.on_error.value}
            for check in route.checks or ()
        ],
        "render": {
            **({} if route.renditions is None else {"renditions": list(route.renditions)}),
            # Always there: without it, the step that makes renditions fails.
            "redact": None if route.redact is None else redact_to_json(route.redact),
        },
    }
