"""What a workflow is made of: its definition, its routes, and the steps and functions that both need."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from aws_cdk import aws_lambda

from safelight.image_workflow.checks import custom_functions, validate_timeouts
from safelight.image_workflow.definitions import Definition
from safelight.image_workflow.redacting import validate_redacts
from safelight.image_workflow.routes import (
    DEFAULT_ROUTES,
    Route,
    all_checks,
    detections_of_routes,
    encode_routes,
    is_redacting,
    steps_of_checks,
    validate_rendition_names,
)
from safelight.image_workflow.steps import validate_max_seconds
from safelight_contracts.limits import Limits
from safelight_contracts.renditions import Rendition


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What a workflow is made of.

    Parameters
    ----------
    encoded_routes
        As the state machine reads them.
    step_ids
        Keys of ``STEP_DEFINITIONS``: the steps that the definition invokes, and those of the routes' checks.
    custom_functions
        Functions of the user's own checks, by name.
    detections
        Calls of Rekognition that find what routes cover before renditions are made.
    """

    encoded_routes: str
    step_ids: frozenset[str]
    custom_functions: Mapping[str, aws_lambda.IFunction]
    detections: frozenset[str]


def plan_workflow(
    *,
    definition: Definition,
    routes: Mapping[str, Route] | None,
    default_route: Route | None,
    renditions: Sequence[Rendition],
    limits: Limits,
) -> Plan:
    """Plan a workflow. Without routes, it has the default ones, unless there is a default route.

    Raises
    ------
    ValueError
        If the arguments contradict one another.
    """
    if routes is None:
        routes = DEFAULT_ROUTES if default_route is None else {}
    encoded_routes = encode_routes(routes, default_route=default_route)
    checks = all_checks(routes, default_route=default_route)
    step_ids = definition.step_ids | (steps_of_checks(checks) if definition.makes_checks else frozenset())
    custom = custom_functions(checks)
    if definition.check_timeout is not None:
        validate_timeouts(custom, state_timeout=definition.check_timeout)
    if is_redacting(routes, default_route=default_route):
        validate_redacts(definition)
    validate_rendition_names(routes, default_route=default_route, renditions=renditions)
    validate_max_seconds(limits, step_ids=step_ids)
    return Plan(
        encoded_routes=encoded_routes,
        step_ids=step_ids,
        custom_functions=custom,
        detections=detections_of_routes(routes, default_route=default_route),
    )
