"""What a function gets from a workflow: its event, and the items that earlier steps have written."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from awskit.records.rendition_sets import SetKind, open_item, set_of
from awskit.records.table import Records, item
from awskit.uploads import parse_upload
from bench.states import states_of
from safelight_contracts.environment import Variable
from safelight_contracts.records import Attribute, Status

_EXPRESSION = "{%"


def event_of(function: str, *, image: Mapping[str, Any]) -> dict[str, Any]:
    """Make the event that the newest definition with a function sends to it.

    Parameters
    ----------
    function
        The step's name.
    image
        The upload: `bucket`, `key`, `size`, `etag`, `sequencer` and `versionId`.

    Raises
    ------
    KeyError
        The definition sends a value that is unknown here.
    """
    computed = {
        "image": image,
        "execution": "arn:aws:states:us-east-1:000000000000:execution:bench:1",
        "redrives": 0,
        # An upload that Rekognition accepts is its own analysis image.
        "analysis": {name: image[name] for name in ("bucket", "key", "versionId")},
        "check": {"required": [], "allow": []},
        "render": {},
        "route": "place",
        "checks": [],
        "dimensions": {"width": 4032, "height": 3024, "type": "JPEG"},
        "renditions": [{"name": "tile", "key": f"{image['key']}/tile.jpg"}],
        "photoMetadata": None,
        "redacted": None,
        "onReject": "KEEP",
    }
    payload = states_of(function)[-1]["Arguments"]["Payload"]
    return {name: computed[name] if str(value).startswith(_EXPRESSION) else value for name, value in payload.items()}


def items_before(function: str, *, event: Mapping[str, Any], environment: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return the items of the records table that a function needs to find, in DynamoDB's format.

    Parameters
    ----------
    function
        The step's name.
    event
        The function's event, from `event_of`.
    environment
        The function's environment variables.
    """
    if function not in {"Publish", "RemoveRejected"}:
        return []
    upload = parse_upload(event)
    records = Records(table=environment[Variable.RECORDS_TABLE], workflow=environment[Variable.WORKFLOW_ID])
    if function == "RemoveRejected":
        outcome: dict[str, str] = {Attribute.STATUS: Status.REJECTED.value, Attribute.EXECUTION_ARN: upload.execution}
        return [records.upload_key(upload) | item(outcome)]
    attempt = set_of(upload, published_prefix=environment[Variable.PUBLISHED_PREFIX])
    claim: dict[str, str] = {Attribute.STATUS: Status.PROCESSING.value, Attribute.CLAIMED_BY: upload.execution}
    return [
        open_item(SetKind.ATTEMPT, attempt, records=records, due=timedelta()),
        records.upload_key(upload) | item(claim),
    ]
