"""Entry point of the step that records an upload as published, and says so."""

import os
from typing import Any

from awskit.announcements import announce_publication
from awskit.records import PUBLISHED, Publication, record_publication
from awskit.steps import Answer, perform_step
from awskit.uploads import Upload, check_key, place_id


def handler(event: dict[str, Any], context: object) -> Answer:  # noqa: ARG001 - Lambda's signature
    """Record an upload as published, then announce it.

    Parameters
    ----------
    event
        `{"image", "execution", "version", "workflow", "dimensions", "renditions"}`, and where routes are data
        `"route"`, its name, which is announced, and `"checks": [{"check", "accepted", "reason", "detail"}]` and
        `"facts"`, what the camera wrote, which are recorded.
    context
        Lambda's; not used.

    Returns
    -------
    dict
        `{"status"}`: `PUBLISHED`, or the outcome that another execution recorded for the same upload, which is
        not announced again.

    Raises
    ------
    RejectedImage
        `SUPERSEDED` when a newer upload of the same key is published.
    """

    def publish(upload: Upload) -> Answer:
        check_key(upload)
        publication = Publication(
            upload=upload,
            place_id=place_id(upload.key, prefix=os.environ["KEY_PREFIX"]),
            version=event["version"],
            workflow=event["workflow"],
            dimensions=event["dimensions"],
            renditions=event["renditions"],
            route=event.get("route"),
            checks=event.get("checks"),
            facts=event.get("facts"),
        )
        recorded_before = record_publication(publication, table=os.environ["RECORDS_TABLE"])
        if recorded_before is not None:
            return {"status": recorded_before}
        announce_publication(publication, bus=os.environ["EVENT_BUS"])
        return {"status": PUBLISHED}

    return perform_step(event, step=publish)
