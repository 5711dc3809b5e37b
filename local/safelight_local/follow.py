"""Uploads files and follows them until each has its outcome."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path

from safelight_local.aws.deployment import DeployedWorkflow
from safelight_local.aws.executions import execution_statuses
from safelight_local.aws.uploads import OUTCOME_SECONDS, Progress, follow, upload_file
from safelight_local.emulator.services import Services, require_running
from safelight_local.terminal import waiting


def upload_and_follow(
    services: Services,
    *,
    workflow: DeployedWorkflow,
    uploads: Sequence[tuple[Path, str, str]],
    showing: AbstractContextManager[Callable[[Sequence[Progress]], None]],
) -> list[Progress]:
    """Upload files and wait until each has its outcome.

    `uploads`: File, id of its place, and type of the place.
    `showing`: Shows how far the uploads have come, such as `live_uploads`.

    Returns one for each upload, in the same order.
    """
    clients = services.endpoints.of(workflow.state_machine_arn)
    with waiting("Uploading"):
        earlier = execution_statuses(clients, state_machine_arn=workflow.state_machine_arn)
        uploaded = []
        for path, place_id, place_type in uploads:
            with path.open("rb") as body:
                uploaded.append(
                    upload_file(
                        clients,
                        workflow=workflow,
                        name=path.name,
                        body=body,
                        place_id=place_id,
                        place_type=place_type,
                    )
                )
    with showing as changed:
        return follow(
            clients,
            workflow=workflow,
            uploads=uploaded,
            earlier=frozenset(earlier),
            seconds=OUTCOME_SECONDS,
            changed=changed,
            validate=partial(require_running, services),
        )
