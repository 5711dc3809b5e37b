"""Finds the deployed workflows by the outputs of their stacks."""

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from safelight_local.aws.clients import Clients
from safelight_local.errors import UserError

# The library's output names after the construct's id, then the hash that the CDK ends a logical id with.
_OUTPUT = re.compile(
    r"(?P<construct>.+?)"
    r"(?P<output>UploadBucketName|PublishedBucketName|RecordsTableName|WorkflowId|StateMachineArn|UploadKeyPrefix)"
    r"[0-9A-F]{8}"
)

_REQUIRED = {"UploadBucketName", "PublishedBucketName", "RecordsTableName", "WorkflowId", "StateMachineArn"}


@dataclass(frozen=True, kw_only=True)
class DeployedWorkflow:
    """A deployed workflow and the names of its resources.

    Attributes
    ----------
    name : str
        The id of the construct in its app, such as ``ImageWorkflow``.
    stack : str
        The stack that holds it.
    upload_bucket : str
        The bucket that starts it.
    published_bucket : str
        The bucket of the renditions.
    records_table : str
        The table of places, records and assets.
    workflow_id : str
        Its id in records and events.
    state_machine_arn : str
        Its state machine.
    key_prefix : str
        The prefix of uploads' keys: empty, or with a slash at its end.
    """

    name: str
    stack: str
    upload_bucket: str
    published_bucket: str
    records_table: str
    workflow_id: str
    state_machine_arn: str
    key_prefix: str

    @property
    def region(self) -> str:
        """The region that it is deployed to."""
        return self.state_machine_arn.split(":")[3]


def deployed_workflows(clients: Clients) -> list[DeployedWorkflow]:
    """List the workflows of all stacks, in every account and region that there is.

    Parameters
    ----------
    clients : Clients
        Where they are deployed.

    Returns
    -------
    list[DeployedWorkflow]
        In order of account, region, stack and name; empty when nothing of the library is deployed.
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
            state_machine_arn=outputs["StateMachineArn"],
            key_prefix=outputs.get("UploadKeyPrefix", ""),
        )
        for (stack, name), outputs in sorted(found.items())
        if outputs.keys() >= _REQUIRED
    ]


def outputs_of_constructs(clients: Clients, *, pattern: re.Pattern[str]) -> dict[tuple[str, str], dict[str, str]]:
    """Collect the outputs of all stacks of one account and region by the construct that they belong to.

    Parameters
    ----------
    clients : Clients
        Where the stacks are deployed.
    pattern : re.Pattern[str]
        Matches an output's key, with the groups ``construct`` and ``output``. Other outputs are ignored.

    Returns
    -------
    dict[tuple[str, str], dict[str, str]]
        Stack and construct -> the values by output name.
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

    Parameters
    ----------
    workflows : list[DeployedWorkflow]
        From `deployed_workflows`.
    name : str, optional
        ``NAME``, ``STACK/NAME`` or ``REGION/STACK/NAME``. Default: the only workflow there is.

    Returns
    -------
    DeployedWorkflow
        The workflow that matches.

    Raises
    ------
    UserError
        If no workflow matches, or several do.
    """
    if not workflows:
        raise UserError("no workflow is deployed: run `safelight up` in the folder of a CDK app that has one")
    named = by_name(workflows)
    fitting = [it for path, it in named.items() if name in (None, it.name, f"{it.stack}/{it.name}", path)]
    if len(fitting) == 1:
        return fitting[0]
    known = ", ".join(named)
    if fitting:
        raise UserError(f"more than one workflow is deployed: choose with --workflow one of {known}")
    raise UserError(f"there is no workflow {name!r}: choose with --workflow one of {known}")


def by_name(workflows: Sequence[DeployedWorkflow]) -> dict[str, DeployedWorkflow]:
    """Name workflows so that no two have the same name.

    Parameters
    ----------
    workflows : Sequence[DeployedWorkflow]
        From `deployed_workflows`.

    Returns
    -------
    dict[str, DeployedWorkflow]
        ``STACK/NAME``, or ``REGION/STACK/NAME`` where they are in several regions.
    """
    several = len({it.region for it in workflows}) > 1
    return {f"{it.region}/{it.stack}/{it.name}" if several else f"{it.stack}/{it.name}": it for it in workflows}
