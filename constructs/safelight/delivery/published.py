"""What a workflow has published, as the source of a delivery: its records say which rendition an upload's key means."""

from dataclasses import dataclass

from aws_cdk import aws_dynamodb, aws_events, aws_iam
from constructs import Construct

from safelight.core.permissions import allow, leading_keys
from safelight.core.prefixes import validate_prefix
from safelight_contracts.delivery.settings import RecordsSource
from safelight_contracts.events import DETAIL_TYPES, SOURCE
from safelight_contracts.records import PLACES


@dataclass(frozen=True, kw_only=True)
class Published:
    """The renditions of a workflow, in the bucket of the first source.

    Parameters
    ----------
    prefix
        A prefix of every rendition's key, before the upload's key.
    """

    records: aws_dynamodb.ITable
    workflow_id: str
    rendition: str
    prefix: str
    event_bus: aws_events.IEventBus

    def source(self, *, key_prefix: str) -> RecordsSource:
        """Return what the functions are told of it."""
        return RecordsSource(
            table=self.records.table_name, workflow=self.workflow_id, rendition=self.rendition, key_prefix=key_prefix
        )


def published_of(
    scope: Construct,
    *,
    records: aws_dynamodb.ITable | None,
    workflow_id: str | None,
    rendition: str | None,
    published_prefix: str | None,
    event_bus: aws_events.IEventBus | None,
) -> Published | None:
    """Return what a workflow has published, or ``None`` without a workflow.

    Raises
    ------
    ValueError
        If only a part of the arguments is given.
    """
    others = {
        "workflow_id": workflow_id,
        "rendition": rendition,
        "published_prefix": published_prefix,
        "event_bus": event_bus,
    }
    if records is None:
        unused = [name for name, value in others.items() if value is not None]
        if unused:
            raise ValueError(f"{', '.join(unused)} is for the records of a workflow, and records is not given. Add it.")
        return None
    if workflow_id is None or rendition is None:
        raise ValueError(
            "records needs workflow_id and rendition: the workflow whose uploads are delivered, and the name of the "
            "rendition that others are made from, such as workflow_id=workflow.workflow_id and rendition='master'."
        )
    validate_prefix("published_prefix", published_prefix or "")
    return Published(
        records=records,
        workflow_id=workflow_id,
        rendition=rendition,
        prefix=published_prefix or "",
        event_bus=event_bus or aws_events.EventBus.from_event_bus_name(scope, "Bus", "default"),
    )


def allow_reading_records(role: aws_iam.Role, published: Published) -> None:
    """Allow a role to read which renditions are published, which the items of places say."""
    allow(role, "dynamodb:GetItem", on=published.records.table_arn, conditions=leading_keys([f"{PLACES}*"]))
    if published.records.encryption_key:
        published.records.encryption_key.grant_decrypt(role)


def make_outcome_rule(
    scope: Construct, id: str, *, published: Published, target: aws_events.IRuleTarget
) -> aws_events.Rule:
    """Make a rule for every outcome of the workflow: each can change what is published of an upload."""
    pattern = aws_events.EventPattern(
        source=[SOURCE], detail_type=list(DETAIL_TYPES), detail={"workflow": [published.workflow_id]}
    )
    return aws_events.Rule(
        scope,
        id,
        description="Notifies the image delivery of every outcome of the workflow that it delivers from",
        event_bus=published.event_bus,
        event_pattern=pattern,
        targets=[target],
    )
