"""The resources of a workflow that its background functions work on."""

import os
from dataclasses import dataclass

from awskit.records.table import Records, records_from_environment
from safelight_contracts.environment import Variable


@dataclass(frozen=True, kw_only=True)
class WorkflowResources:
    """What a workflow's background functions work on.

    `version`: the version to assume for executions whose record does not name one.
    """

    records: Records
    bucket: str
    bus: str
    key_prefix: str
    version: str


def resources_from_environment() -> WorkflowResources:
    """Read the workflow's resources: RECORDS_TABLE, WORKFLOW_ID, PUBLISHED_BUCKET, EVENT_BUS and so on."""
    return WorkflowResources(
        records=records_from_environment(),
        bucket=os.environ[Variable.PUBLISHED_BUCKET],
        bus=os.environ[Variable.EVENT_BUS],
        key_prefix=os.environ[Variable.KEY_PREFIX],
        version=os.environ[Variable.VERSION],
    )
