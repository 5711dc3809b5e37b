"""Makes the renditions that the route names (v5)."""

from safelight.core.step_definition import StepDefinition
from safelight.image_workflow.settings import StepSettings
from safelight.image_workflow.step_parts import allow_rendering, renditions_environment, with_watermarks
from safelight_contracts.development import development_to_environment


def _environment(settings: StepSettings) -> dict[str, str]:
    return renditions_environment(settings) | development_to_environment(settings.development)


STEP = StepDefinition(
    id="Render",
    package="render",
    memory=1769,
    timeout=60,
    layers=("powertools", "heif", "raw"),
    arguments=frozenset(
        {"renditions", "published_bucket", "published_prefix", "cache_control", "limits", "development"}
    ),
    calls=frozenset({"s3:GetObject", "dynamodb:PutItem", "s3:PutObject"}),
    rejects_by_raising=True,
    environment=_environment,
    permit=allow_rendering,
    adapt=with_watermarks,
)
