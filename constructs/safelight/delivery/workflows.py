"""How a delivery fits the workflows of its app: it must not deliver what they have not checked."""

from collections.abc import Callable, Iterator, Sequence

import jsii
from aws_cdk import Annotations, Aspects, IAspect, aws_s3
from constructs import Construct, IConstruct, IValidation

from safelight.core.identity import bucket_label, bus_label, is_made_here, same_bucket, same_bus, same_table
from safelight.core.prefixes import overlap
from safelight.core.publishers import Publisher, publishers_of_app
from safelight.delivery.published import Published


def validate_workflows(
    scope: Construct, *, sources: Sequence[aws_s3.IBucket], key_prefix: str, published: Published | None
) -> None:
    """Validate, when the app is complete, that a delivery fits the workflows of its app.

    It is an error to deliver a bucket of uploads, or to differ from the workflow that ``published`` names. Nothing is
    known of a workflow of another app, which can share an imported table with those of this app.
    """

    def errors() -> Iterator[str]:
        workflows = publishers_of_app(scope)
        prefixed = [(bucket, key_prefix) for bucket in (sources if published is None else sources[1:])]
        for workflow in workflows:
            yield from _unchecked(prefixed, workflow=workflow)
        if published is not None:
            of_table = [it for it in workflows if same_table(it.records, published.records)]
            yield from _differences(published, source=sources[0], key_prefix=key_prefix, workflows=of_table)

    scope.node.add_validation(_Validation(errors))


def warn_of_renditions(scope: Construct, *, sources: Sequence[aws_s3.IBucket]) -> None:
    """Warn, when the app is complete, of sources to which a workflow publishes: the records are not used."""
    Aspects.of(scope).add(_RenditionsDelivered(scope, sources))


def _unchecked(sources: Sequence[tuple[aws_s3.IBucket, str]], *, workflow: Publisher) -> Iterator[str]:
    for bucket, prefix in sources:
        if not overlap(prefix, workflow.key_prefix):
            continue
        if same_bucket(bucket, workflow.upload_bucket):
            what = "the upload_bucket"
        elif any(same_bucket(bucket, it) for it in workflow.copies):
            what = "a bucket with copies of uploads"
        else:
            continue
        yield (
            f"source {bucket_label(bucket)} is {what} of {workflow.path}: rejected uploads would be delivered. Deliver "
            "from its published_bucket, with records=, workflow_id= and rendition=."
        )


def _differences(
    published: Published, *, source: aws_s3.IBucket, key_prefix: str, workflows: Sequence[Publisher]
) -> Iterator[str]:
    if not workflows:
        return
    workflow = next((it for it in workflows if it.workflow_id == published.workflow_id), None)
    if workflow is None:
        if not is_made_here(published.records):
            return
        known = ", ".join(repr(it.workflow_id) for it in workflows)
        yield f"workflow_id={published.workflow_id!r}: the workflows with these records are {known}."
        return
    if not same_bucket(source, workflow.published_bucket):
        yield (
            f"the first source is {bucket_label(source)}, and {workflow.path} publishes to "
            f"{bucket_label(workflow.published_bucket)}. Use its published_bucket."
        )
    prefixes = {
        "key_prefix": (key_prefix, workflow.key_prefix),
        "published_prefix": (published.prefix, workflow.published_prefix),
    }
    for argument, (given, its) in prefixes.items():
        if given != its:
            yield f"{argument}={given!r}, and {workflow.path} has {argument}={its!r}. Use the same."
    if published.rendition not in workflow.published_names:
        names = ", ".join(map(repr, workflow.published_names))
        yield f"rendition={published.rendition!r}, and {workflow.path} has the renditions {names}. Use one of them."
    if not same_bus(published.event_bus, workflow.event_bus):
        yield (
            f"event_bus is {bus_label(published.event_bus)}, and {workflow.path} sends its events to "
            f"{bus_label(workflow.event_bus)}: withdrawn images would stay. Use its event_bus."
        )


@jsii.implements(IValidation)
class _Validation:
    def __init__(self, errors: Callable[[], Iterator[str]]) -> None:
        self._errors = errors

    def validate(self) -> list[str]:
        return list(self._errors())


@jsii.implements(IAspect)
class _RenditionsDelivered:
    def __init__(self, scope: Construct, sources: Sequence[aws_s3.IBucket]) -> None:
        self._scope, self._sources = scope, sources

    def visit(self, node: IConstruct) -> None:
        if node.node.addr != self._scope.node.addr:
            return
        for workflow in publishers_of_app(self._scope):
            for bucket in self._sources:
                if same_bucket(bucket, workflow.published_bucket):
                    Annotations.of(self._scope).add_warning_v2(
                        "safelight:renditions-without-records",
                        f"{workflow.path} publishes to the source {bucket_label(bucket)}, and records is not given. "
                        "URLs then name renditions, whose keys change whenever an upload is processed again. Add "
                        "records=, workflow_id= and rendition=, and a URL names an upload.",
                    )
