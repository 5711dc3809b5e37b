"""The account and region of the emulator that the user's own tools are pointed at."""

from safelight_local.aws.deployment import DeployedWorkflow, choose_workflow
from safelight_local.emulator.endpoints import Endpoints


def at_workflows(endpoints: Endpoints, *, workflows: list[DeployedWorkflow], name: str | None) -> Endpoints:
    """Return the emulator with clients that work where the workflows are deployed.

    `workflows`: all that are deployed.
    `name`: which workflow, if they are in several accounts or regions.

    Result: the emulator as it is, if no workflow is deployed and none is named. Raises UserError if no workflow fits,
    or workflows of several places do.
    """
    if not workflows and name is None:
        return endpoints
    in_one_place = len({it.place for it in workflows}) == 1
    chosen = workflows[0] if in_one_place and name is None else choose_workflow(workflows, name=name)
    return endpoints.of(chosen.state_machine_arn)
