"""The Lambda functions of a workflow."""

from collections.abc import Iterable
from dataclasses import dataclass

from constructs import Construct

from safelight.core.function import FunctionOptions, Step, make_steps
from safelight.core.models import model_layer_code
from safelight.image_workflow.background import background_definitions
from safelight.image_workflow.on_delete import OnDelete
from safelight.image_workflow.settings import StepSettings
from safelight.image_workflow.steps import step_definition
from safelight.image_workflow.versions import SYSTEM
from safelight.image_workflow.watermarks import watermark_layer_code, watermarks_of
from safelight_contracts.detectors import DETECTOR_MODELS
from safelight_contracts.watermarks import WATERMARKS


@dataclass(frozen=True, kw_only=True)
class Functions:
    """The functions that states invoke, and those that queues do.

    `by_id`: by the ids of their constructs. `by_package`: by the names of their packages.
    """

    by_id: dict[str, Step]
    by_package: dict[str, Step]


def make_functions(
    scope: Construct,
    *,
    step_ids: Iterable[str],
    on_delete: OnDelete,
    settings: StepSettings,
    options: FunctionOptions,
) -> Functions:
    """Make the functions of these steps, and those that run in the background."""
    definitions = {id: step_definition(id, settings=settings) for id in step_ids} | background_definitions(on_delete)
    made = make_steps(
        scope,
        system=SYSTEM,
        definitions=definitions,
        layer_sources={
            DETECTOR_MODELS: model_layer_code,
            WATERMARKS: lambda: watermark_layer_code(watermarks_of(settings.renditions)),
        },
        settings=settings,
        options=options,
    )
    return Functions(by_id=made, by_package={definitions[id].package: step for id, step in made.items()})
