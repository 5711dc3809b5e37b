"""Definitions of the user's own that can make renditions of a route that redacts."""

import re
from collections.abc import Mapping
from typing import Any

from safelight.core.state_machine import states_of
from safelight.image_workflow.definitions import Definition, function_placeholder

_RENDER, _RESIZER = (f"${{{function_placeholder(step)}}}" for step in ("Render", "Resizer"))
# Such as "{% $route.render %}".
_WHOLE = re.compile(r"\{%\s*\$[\w.$]+\.render\s*%\}")


def validate_redacts(definition: Definition) -> None:
    """Validate that a definition makes renditions only of what its routes cover.

    Raises
    ------
    ValueError
        If it invokes the step that knows no routes, or it does not pass the whole ``render`` of a route on.
    """
    found = list(states_of(definition.text))
    passing = [_is_passed(state) for state in found if _invokes(state, _RENDER)]
    if any(_invokes(state, _RESIZER) for state in found) or not passing:
        raise ValueError(
            f"A route has redact, but {definition.label} makes renditions with ${{ResizerFunctionArn}} or not at all, "
            "which covers nothing. Invoke ${RenderFunctionArn} instead, with the route's 'render' in its Payload, as "
            "version v5 does. Or omit redact."
        )
    if not all(passing):
        raise ValueError(
            f"A route has redact, but {definition.label} does not pass the whole 'render' of the route to "
            '${RenderFunctionArn}, so nothing would be covered. Write "render": "{% $route.render %}" into its '
            "Payload, as version v5 does. Or omit redact."
        )


def _invokes(state: Mapping[str, Any], function: str) -> bool:
    return function in str(state.get("Resource")) or function in str(_arguments(state))


def _is_passed(state: Mapping[str, Any]) -> bool:
    arguments = _arguments(state)
    payload = arguments.get("Payload", arguments) if isinstance(arguments, dict) else None
    if not isinstance(payload, dict):
        return False
    given = payload.get("render")
    return isinstance(given, str) and _WHOLE.fullmatch(given) is not None


def _arguments(state: Mapping[str, Any]) -> Any:
    return state.get("Arguments")
