"""Uploads of files that were dropped on the page, to a place of the chosen type."""

import re
from typing import IO

from botocore.exceptions import ClientError

from safelight_contracts.expressions import attribute_names
from safelight_local.aws.clients import Clients
from safelight_local.aws.deployment import DeployedWorkflow
from safelight_local.aws.records import place_item
from safelight_local.aws.uploads import Upload, upload_file
from safelight_local.errors import UserError

MOST_BYTES = 200 * 1024 * 1024
"""The largest file that is accepted: twice the workflows' default limit, so that you can see a rejection."""

_OF_SAME_TYPE = "attribute_not_exists(pk) OR #PLACE_TYPE = :type"
_UNFIT = re.compile(r"[^\w-]+")


def upload_to_place(
    clients: Clients, *, workflow: DeployedWorkflow, name: str, place_type: str, body: IO[bytes]
) -> Upload:
    """Upload a file to the place ``console-TYPE``. Its listing is written if there is none.

    `name`: the file's name. Everything up to its last slash is dropped.
    `place_type`: such as ``park``.
    `body`: its bytes.

    Raises UserError if name or type is empty, or the place is there and of another type.
    """
    file_name = name.replace("\\", "/").rpartition("/")[2]
    slug = _UNFIT.sub("-", place_type.strip())
    if not file_name or not slug.strip("-"):
        raise UserError("a file needs a name, and its place a type")
    place_id = f"console-{slug}"
    _list_place(clients, workflow=workflow, place_id=place_id, place_type=place_type.strip())
    return upload_file(clients, workflow=workflow, name=file_name, body=body, place_id=place_id, place_type=place_type)


def _list_place(clients: Clients, *, workflow: DeployedWorkflow, place_id: str, place_type: str) -> None:
    try:
        clients.dynamodb.put_item(
            TableName=workflow.records_table,
            Item=place_item(place_id, place_type=place_type, name=f"A {place_type}, from the console"),
            # The console does not change existing listings of another type.
            ConditionExpression=_OF_SAME_TYPE,
            ExpressionAttributeNames=attribute_names(_OF_SAME_TYPE),
            ExpressionAttributeValues={":type": {"S": place_type}},
        )
    except ClientError as error:
        if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
            raise
        raise UserError(f"the place {place_id} has another type than {place_type}: choose another type") from error
