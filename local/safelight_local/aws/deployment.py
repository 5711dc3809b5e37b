"""Finds the deployed workflows by the outputs of their stacks."""

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from safelight_local.aws.clients import Clients
from safelight_local.errors import NothingDeployedError, UserError

# The library's output names after the construct's id, then the hash that the CDK ends a logical id with.
_OUTPUT = re.compile(
    r"(?P<construct>.+?)"
    r"(?P<output>UploadBucketName|PublishedBucketName|RecordsTableName|WorkflowId|WorkflowVersion|StateMachineArn"
    r"|UploadKeyPrefix|UploadKeySuffixes|QuarantineBucketName)"
    r"[0-9A-F]{8}"
)

_REQUIRED = {
    "UploadBucketName",
    "PublishedBucketName",
    "RecordsTableName",
    "WorkflowId",
    "WorkflowVersion",
    "StateMachineArn",
}


@dataclass(frozen=True, kw_only=True)
class DeployedWorkflow:
    """A deployed workflow and the names of its resources.

    `name`: the id of the construct in its app, such as ``ImageWorkflow``.
    `version`: its version in records and events, such as ``v5``.
    `key_prefix`: the prefix of uploads' keys: empty, or with a slash at its end.
    `key_suffixes`: the keys of uploads end with one of these. Default: every key does.
    `quarantine_bucket`: where rejected uploads are moved. Default: nowhere.
    """

    name: str
    stack: str
    upload_bucket: str
    published_bucket: str
    records_table: str
    workflow_id: str
    version: str
    state_machine_arn: str
    key_prefix: str
    key_suffixes: tuple[str, ...] = ()
    quarantine_bucket: str | None = None

    @property
    def place(self) -> str:
        """The account and the region that it is deployed to, such as ``111122223333/eu-west-1``."""
        _arn, _partition, _service, region, account, *_name = self.state_machine_arn.split(":")
        return f"{account}/{region}"


def deployed_workflows(clients: Clients) -> list[DeployedWorkflow]:
    """List the workflows of all stacks, in every account and region that there is.

    Result: in order of account, region, stack and name; empty when nothing of the library is deployed.
    """
    return [
        workflow
        for there in clients.everywhere
        for workflow in _workflows_of(outputs_of_constructs(there, pattern=_OUTPUT))
    ]


def _workflows_of(found: dict[tuple[str, str], dict[str, str]]) -> list[DeployedWorkflow]:
    return [
        DeployedWorkflow(
            name=name,
            stack=stack,
            upload_bucket=outputs["UploadBucketName"],
            published_bucket=outputs["PublishedBucketName"],
            records_table=outputs["RecordsTableName"],
            workflow_id=outputs["WorkflowId"],
            version=outputs["WorkflowVersion"],
            state_machine_arn=outputs["StateMachineArn"],
            key_prefix=outputs.get("UploadKeyPrefix", ""),
            key_suffixes=tuple(outputs.get("UploadKeySuffixes", "").split()),
            quarantine_bucket=outputs.get("QuarantineBucketName"),
        )
        for (stack, name), outputs in sorted(found.items())
        if outputs.keys() >= _REQUIRED
    ]


def outputs_of_constructs(clients: Clients, *, pattern: re.Pattern[str]) -> dict[tuple[str, str], dict[str, str]]:
    """Collect the outputs of all stacks of one account and region by the construct that they belong to.

    `pattern`: Matches an output's key, with the groups ``construct`` and ``output``. Other outputs are ignored.

    Returns a dictionary: stack and construct -> the values by output name.
    """
    found: dict[tuple[str, str], dict[str, str]] = defaultdict(dict)
    for page in clients.cloudformation.get_paginator("describe_stacks").paginate():
        for stack in page["Stacks"]:
            for output in stack.get("Outputs", []):
                if match := pattern.fullmatch(output["OutputKey"]):
                    found[stack["StackName"], match["construct"]][match["output"]] = output["OutputValue"]
    return found


def choose_workflow(workflows: list[DeployedWorkflow], *, name: str | None = None) -> DeployedWorkflow:
    """Choose one of the deployed workflows.

    `name`: the id that its records and events have, ``ACCOUNT/REGION/ID``, ``NAME``, or ``STACK/NAME``. Default: the
    only workflow there is.

    Raises UserError if no workflow matches, or several do.
    """
    if not workflows:
        raise NothingDeployedError(
            "no workflow is deployed: run `safelight up` in the folder of a CDK app that has one"
        )
    named = by_id(workflows)
    fitting = [it for id, it in named.items() if name in (None, id, it.workflow_id, it.name, f"{it.stack}/{it.name}")]
    if len(fitting) == 1:
        return fitting[0]
    known = ", ".join(named)
    if fitting:
        raise UserError(f"more than one workflow is deployed: choose with --workflow one of {known}")
    raise UserError(f"there is no workflow {name!r}: choose with --workflow one of {known}")


def choose_workflows(workflows: list[DeployedWorkflow], *, name: str | None = None) -> list[DeployedWorkflow]:
    """Choose one of the deployed workflows, or all.

    `name`: as for `choose_workflow`. Default: all.

    Result: at least one. Raises UserError as by `choose_workflow`.
    """
    return workflows if workflows and name is None else [choose_workflow(workflows, name=name)]


def by_id(workflows: Sequence[DeployedWorkflow]) -> dict[str, DeployedWorkflow]:
    """Name workflows by the id that their records and events have.

    Returns a dictionary: id, such as ``Photos.Workflow`` -> workflow, in their order. The id of workflows in several
    places, such as two regions, begins with the place: ``111122223333/eu-west-1/Photos.Workflow``.
    """
    places = Counter(it.workflow_id for it in workflows)
    return {it.workflow_id if places[it.workflow_id] == 1 else f"{it.place}/{it.workflow_id}": it for it in workflows}
