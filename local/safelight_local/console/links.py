"""Links to an execution's resources in the AWS Management Console."""

from typing import NamedTuple
from urllib.parse import quote

from safelight_local.aws.deployment import DeployedWorkflow
from safelight_local.aws.executions import Execution

# "AWS Management Console domains" in the console's guide, one a partition.
_DOMAINS = {
    "aws": "console.aws.amazon.com",
    "aws-cn": "console.amazonaws.cn",
    "aws-us-gov": "console.amazonaws-us-gov.com",
}


class Link(NamedTuple):
    """A link and the words on it."""

    label: str
    url: str


def console_links(execution: Execution, *, workflow: DeployedWorkflow) -> list[Link]:
    """Link to the pages of the AWS Management Console that show an execution, its upload and its table.

    Result: empty for an ARN of a partition whose console is not known here.
    """
    found = execution_link(execution.arn)
    if found is None:
        return []
    _, partition, _, region, _ = execution.arn.split(":", maxsplit=4)
    domain = _DOMAINS[partition]
    base = f"https://{region}.{domain}"
    links = [
        found,
        Link("Table", f"{base}/dynamodbv2/home?region={region}#item-explorer?table={quote(workflow.records_table)}"),
    ]
    key = execution.upload.get("key")
    if key:
        path = f"{quote(workflow.upload_bucket)}?region={region}&prefix={quote(key, safe='')}"
        links.append(Link("Upload", f"https://{domain}/s3/object/{path}"))
    return links


def execution_link(arn: str) -> Link | None:
    """Link to the page of the AWS Management Console that shows an execution. None as for `console_links`."""
    _, partition, _, region, _ = arn.split(":", maxsplit=4)
    domain = _DOMAINS.get(partition)
    if domain is None:
        return None
    url = f"https://{region}.{domain}/states/home?region={region}#/v2/executions/details/{quote(arn, safe=':')}"
    return Link("Execution", url)
