"""Makes the renditions (v1 to v4)."""

from safelight.core.step_definition import StepDefinition
from safelight.image_workflow.step_parts import allow_rendering, renditions_environment, with_watermarks

STEP = StepDefinition(
    id="Resizer",
    package="resize",
    memory=1769,
    timeout=60,
    layers=("powertools", "pillow"),
    arguments=frozenset({"renditions", "published_bucket", "published_prefix", "cache_control", "limits"}),
    calls=frozenset({"s3:GetObject", "dynamodb:PutItem", "s3:PutObject"}),
    rejects_by_raising=True,
    environment=renditions_environment,
    permit=allow_rendering,
    adapt=with_watermarks,
)
