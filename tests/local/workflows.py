"""Deployed workflows for tests that need no deployment."""

from typing import Any

from safelight_local.aws.deployment import DeployedWorkflow


def workflow(*, stack: str = "Photos", name: str = "Workflow", **changes: Any) -> DeployedWorkflow:
    """A workflow of version 5 that takes every key."""
    return DeployedWorkflow(
        **{
            "name": name,
            "stack": stack,
            "upload_bucket": "uploads",
            "published_bucket": "published",
            "records_table": "records",
            "workflow_id": f"{stack}.{name}",
            "version": "v5",
            "state_machine_arn": "arn:aws:states:us-east-1:000000000000:stateMachine:photos",
            "key_prefix": "",
        }
        | changes
    )
