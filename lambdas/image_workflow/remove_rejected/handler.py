"""Entry point of the step that removes what a rejected upload leaves."""

import os
from typing import Any

from awskit.logs import logger
from awskit.removal import delete_upload, quarantine_upload
from awskit.steps import Answer, perform_step
from awskit.table import records_from_environment
from awskit.uploads import Upload
from awskit.withdrawal import mark_unpublished, remove_sets, withdraw_asset
from safelight_contracts.environment import Variable
from safelight_contracts.keys import place_id


def handler(event: dict[str, Any], context: object) -> Answer:  # noqa: ARG001 - Lambda's signature
    """Withdraw what an earlier run published of an upload, then keep, quarantine or delete the upload itself.

    You can repeat every part of this step.

    `event`: `{"image", "execution", "onReject"}`. `onReject` is `KEEP`, `QUARANTINE` or `DELETE`.

    Returns `{"removed", "upload"}`: the keys of the renditions that were removed, and what was done with the upload,
    which is `KEEP`, `QUARANTINE` or `DELETE`. An upload without a version is always kept.
    """

    def remove(upload: Upload) -> Answer:
        records = records_from_environment()
        place = place_id(upload.key, prefix=os.environ[Variable.KEY_PREFIX])
        if not withdraw_asset(upload, place_id=place, records=records):
            logger().warning("Kept: another execution has claimed or decided the upload since it was rejected")
            return {"removed": [], "upload": "KEEP"}
        removed = remove_sets(upload, records=records, bucket=os.environ[Variable.PUBLISHED_BUCKET])
        on_reject = event["onReject"] if mark_unpublished(upload, records=records) else "KEEP"
        return {"removed": removed, "upload": _move(upload, on_reject=on_reject)}

    return perform_step(event, step=remove)


def _move(upload: Upload, *, on_reject: str) -> str:
    match on_reject, upload.version_id:
        case "KEEP", _:
            return "KEEP"
        case _, None:
            logger().warning("Kept: the bucket keeps no versions, so that another upload could be deleted instead")
            return "KEEP"
        case "QUARANTINE", version_id:
            quarantine_upload(upload, version_id=version_id, bucket=os.environ[Variable.QUARANTINE_BUCKET])
        case _, version_id:
            delete_upload(upload, version_id=version_id)
    return on_reject
