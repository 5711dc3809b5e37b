"""Routes: the checks that the images of a type of place must pass, and the renditions that are made of them."""

import base64
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from safelight.image_workflow.checks import Check, CheckKind
from safelight_contracts.renditions import Rendition

# All verdicts of a route travel together, in a state's 256 KB.
_MAX_CHECKS = 10


@dataclass(frozen=True, kw_only=True)
class Route:
    """The checks and renditions of the images of one type of place.

    Parameters
    ----------
    checks
        At most 10. They run in parallel. If several reject, the first in this order gives the reason. With no checks,
        every readable image passes.
    renditions
        Names of the workflow's renditions to make, each in all of its formats. Default: all.

    Raises
    ------
    ValueError
        If there are more than 10 checks, or ``renditions`` is empty or a string.
    """

    checks: Sequence[Check]
    renditions: Sequence[str] | None = None

    def __post_init__(self) -> None:
        if len(self.checks) > _MAX_CHECKS:
            raise ValueError(f"A route has {len(self.checks)} checks. The maximum is {_MAX_CHECKS}.")
        if isinstance(self.renditions, str):
            raise ValueError(f"A route has renditions={self.renditions!r}, a string. Use ({self.renditions!r},).")
        if self.renditions is not None and not self.renditions:
            raise ValueError("A route has no renditions, so nothing would be published. Add one, or omit it.")


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
        If there are no routes, or a route has an empty type of place.
    """
    if not routes and default_route is None:
        raise ValueError(
            "routes is empty and there is no default_route, so every upload would be rejected. Give one of them."
        )
    if "" in routes:
        raise ValueError("routes has a route for ''. Name a type of place, or use default_route.")
    document = {
        "routes": {place_type: _encode(route) for place_type, route in sorted(routes.items())},
        "default": None if default_route is None else _encode(default_route),
    }
    return base64.b64encode(json.dumps(document, separators=(",", ":")).encode("ascii")).decode("ascii")


def all_checks(routes: Mapping[str, Route], *, default_route: Route | None) -> tuple[Check, ...]:
    """Return the checks of all routes, route by route."""
    return tuple(check for _, route in _named(routes, default_route=default_route) for check in route.checks)


def steps_of_checks(checks: Sequence[Check]) -> frozenset[str]:
    """Return the keys in ``STEP_DEFINITIONS`` of the steps that make checks."""
    names = {check.name for check in checks}
    return frozenset(kind.step for kind in CheckKind if kind.value in names)


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
            for check in route.checks
        ],
        "render": {} if route.renditions is None else {"renditions": list(route.renditions)},
    }
