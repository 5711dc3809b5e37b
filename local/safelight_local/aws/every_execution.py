"""The executions of all workflows that are deployed: every one, or the one that a user names."""

from collections.abc import Iterator

from safelight_local.aws.clients import Clients
from safelight_local.aws.deployment import DeployedWorkflow, choose_workflow, deployed_workflows
from safelight_local.aws.executions import Execution, describe, execution_statuses
from safelight_local.errors import UserError


def every_execution(clients: Clients) -> Iterator[tuple[DeployedWorkflow, Execution]]:
    """Read the executions of all workflows.

    Parameters
    ----------
    clients : Clients
        Where they are deployed.

    Yields
    ------
    tuple[DeployedWorkflow, Execution]
        Workflow by workflow, the latest started first.

    Raises
    ------
    UserError
        When no workflow is deployed.
    """
    for workflow, arn in _every_arn(clients):
        execution = describe(clients, arn=arn)
        if execution is not None:
            yield workflow, execution


def find_execution(clients: Clients, *, named: str) -> tuple[DeployedWorkflow, Execution]:
    """Find one execution among those of all workflows.

    Parameters
    ----------
    clients : Clients
        Where they are deployed.
    named : str
        Its name or ARN.

    Returns
    -------
    tuple[DeployedWorkflow, Execution]
        Its workflow, and itself.

    Raises
    ------
    UserError
        When there is no such execution, or no workflow.
    """
    for workflow, arn in _every_arn(clients):
        if named in (arn, arn.rpartition(":")[2]):
            execution = describe(clients, arn=arn)
            if execution is not None:
                return workflow, execution
    raise UserError(f"there is no execution {named}: `safelight executions` lists those there are")


def _every_arn(clients: Clients) -> Iterator[tuple[DeployedWorkflow, str]]:
    workflows = deployed_workflows(clients)
    if not workflows:
        choose_workflow(workflows)
    for workflow in workflows:
        for arn in execution_statuses(clients, state_machine_arn=workflow.state_machine_arn):
            yield workflow, arn
