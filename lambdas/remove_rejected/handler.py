"""Entry point of the step that takes away what a rejected upload leaves."""

import os
from typing import Any

from awskit.removal import delete_upload, quarantine_upload, withdraw_publication
from awskit.steps import Answer, perform_step
from awskit.uploads import Upload, place_id


def handler(event: dict[str, Any], context: object) -> Answer:  # noqa: ARG001 - Lambda's signature
    """Withdraw what an earlier run published of an upload, then keep, quarantine or delete the upload itself.

    Every part of it can be done again.

    Parameters
    ----------
    event
        `{"image", "execution", "onReject"}`, the last being `KEEP`, `QUARANTINE` or `DELETE`.
    context
        Lambda's; not used.

    Returns
    -------
    dict
        `{"withdrawn", "upload"}`: how many renditions were deleted, and what became of the upload.
    """

    def remove(upload: Upload) -> Answer:
        withdrawn = withdraw_publication(
            upload,
            place_id=place_id(upload.key, prefix=os.environ["KEY_PREFIX"]),
            table=os.environ["RECORDS_TABLE"],
            bucket=os.environ["PUBLISHED_BUCKET"],
        )
        match event["onReject"]:
            case "QUARANTINE":
                quarantine_upload(upload, bucket=os.environ["QUARANTINE_BUCKET"])
            case "DELETE":
                delete_upload(upload)
        return {"withdrawn": withdrawn, "upload": event["onReject"]}

    return perform_step(event, step=remove)
