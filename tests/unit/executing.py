"""What the states of an execution do to records and renditions, one at a time and without a state machine."""

from dataclasses import dataclass
from typing import Any

from tests.unit.recorded import Recorded
from tests.unit.workflow_events import event_for

from awskit.records.rendition_sets import RenditionSet, begin_attempt, set_of
from awskit.records.table import item, plain, timestamp
from awskit.storage.published import put_rendition
from awskit.uploads import parse_upload
from image_workflow.publish.handler import handler as publish_handler
from image_workflow.remove_rejected.handler import handler as remove_handler

NAMES = ("tile", "scaled")
CONTENT = b"picture"
ARN = "arn:aws:states:us-east-1:000000000000:execution:images:"


@dataclass(frozen=True, kw_only=True)
class Executing:
    """An execution's states."""

    aws: Recorded

    def event(
        self,
        key: str = "p1/a.jpg",
        *,
        sequencer: str = "0A",
        execution: str = "first",
        redrives: int = 0,
        version_id: str | None = None,
    ) -> dict[str, Any]:
        """Return what a step gets. The name of an execution stands for its ARN."""
        arn = execution if execution.startswith("arn:") else ARN + execution
        event = event_for(key, sequencer=sequencer, execution=arn) | {"redrives": redrives}
        if version_id is not None:
            event["image"]["versionId"] = version_id
        return event

    def set_of(self, event: dict[str, Any]) -> RenditionSet:
        return set_of(parse_upload(event), published_prefix="")

    def claim(self, event: dict[str, Any], *, reprocess: bool = False) -> bool:
        """Claim an upload as v5 does, and tell whether it could be claimed."""
        dynamodb = self.aws.emulator.endpoints.dynamodb
        upload = parse_upload(event)
        again = ("PUBLISHED", "REJECTED") if reprocess else ("FAILED", "FAILED")
        try:
            dynamodb.update_item(
                TableName=self.aws.table,
                Key=self.aws.records.upload_key(upload),
                UpdateExpression=(
                    "SET #status = if_not_exists(standing, :processing), claimedBy = :execution, placeId = :placeId,"
                    " workflow = :workflow, #bucket = :bucket, versionId = :versionId, updatedAt = :now,"
                    " createdAt = if_not_exists(createdAt, :now) REMOVE #reason, #detail"
                ),
                ConditionExpression=(
                    "claimedBy = :execution OR (attribute_not_exists(claimedBy) AND"
                    " (attribute_not_exists(#status) OR #status IN (:failed, :first, :second)))"
                ),
                ExpressionAttributeNames={
                    "#status": "status",
                    "#bucket": "bucket",
                    "#reason": "reason",
                    "#detail": "detail",
                },
                ExpressionAttributeValues=item(
                    {
                        ":processing": "PROCESSING",
                        ":execution": upload.execution,
                        ":placeId": upload.key.split("/", 1)[0],
                        ":workflow": self.aws.workflow,
                        ":bucket": upload.bucket,
                        ":versionId": upload.version_id,
                        ":now": timestamp(),
                        ":failed": "FAILED",
                        ":first": again[0],
                        ":second": again[1],
                    }
                ),
            )
        except dynamodb.exceptions.ConditionalCheckFailedException:
            return False
        return True

    def render(self, event: dict[str, Any]) -> list[dict[str, Any]]:
        """Record an attempt and write its set, as the step that renders does."""
        rendition_set = self.set_of(event)
        begin_attempt(rendition_set, records=self.aws.records)
        return [self.write(rendition_set, name=name) for name in NAMES]

    def write(self, rendition_set: RenditionSet, *, name: str) -> dict[str, Any]:
        """Write one rendition."""
        key = f"{rendition_set.prefix}{name}.jpg"
        put_rendition(
            bucket=self.aws.bucket, key=key, data=CONTENT, content_type="image/jpeg", cache_control="no-cache"
        )
        return {"name": name, "key": key, "type": "JPEG", "width": 40, "height": 40, "bytes": len(CONTENT)}

    def publication(
        self, event: dict[str, Any], *, renditions: list[dict[str, Any]] | None = None, version: str = "v4"
    ) -> dict[str, Any]:
        """Return what the step that publishes gets. Versions up to v4 claim nothing."""
        claimed = {"claimed": True, "route": "park", "checks": []} if version == "v5" else {}
        return {
            **event,
            "version": version,
            "dimensions": {"width": 160, "height": 240, "type": "JPEG"},
            "renditions": self._named(event) if renditions is None else renditions,
            **claimed,
        }

    def _named(self, event: dict[str, Any]) -> list[dict[str, Any]]:
        prefix = self.set_of(event).prefix
        return [
            {
                "name": name,
                "key": f"{prefix}{name}.jpg",
                "type": "JPEG",
                "width": 40,
                "height": 40,
                "bytes": len(CONTENT),
            }
            for name in NAMES
        ]

    def publish(self, event: dict[str, Any], *, version: str = "v4") -> str:
        """Publish what was rendered and return the status that the step answers."""
        status: str = publish_handler(self.publication(event, version=version), None)["status"]
        return status

    def run(self, event: dict[str, Any], *, version: str = "v4") -> str:
        """Render and publish; v5 claims the upload first."""
        if version == "v5":
            assert self.claim(event)
        self.render(event)
        return self.publish(event, version=version)

    def reject(self, event: dict[str, Any], *, reason: str = "FAILED_MODERATION") -> None:
        """Record a rejection of an upload that this execution claimed, as v5 does."""
        upload = parse_upload(event)
        found = plain(self.aws.upload_item(upload.key, sequencer=upload.sequencer))
        self.aws.emulator.endpoints.dynamodb.update_item(
            TableName=self.aws.table,
            Key=self.aws.records.upload_key(upload),
            UpdateExpression=(
                "SET unpublishing = :unpublishing, #status = :rejected, #reason = :reason, #detail = :detail,"
                " placeId = :placeId,"
                " #version = :version, workflow = :workflow, executionArn = :execution, updatedAt = :now"
                " REMOVE standing, claimedBy, redacted, renditions, attempt, failure, supersededBy, announcedAt"
            ),
            ConditionExpression="attribute_not_exists(#status) OR claimedBy = :execution",
            ExpressionAttributeNames={
                "#status": "status",
                "#reason": "reason",
                "#detail": "detail",
                "#version": "version",
            },
            ExpressionAttributeValues=item(
                {
                    ":rejected": "REJECTED",
                    ":unpublishing": "standing" in found or found.get("unpublishing") is True,
                    ":reason": reason,
                    ":detail": '{"labels":["Weapons"]}',
                    ":placeId": upload.key.split("/", 1)[0],
                    ":version": "v5",
                    ":workflow": self.aws.workflow,
                    ":execution": upload.execution,
                    ":now": timestamp(),
                }
            ),
        )

    def remove_rejected(self, event: dict[str, Any], *, on_reject: str = "KEEP") -> dict[str, Any]:
        """Take away what a rejected upload leaves."""
        answer: dict[str, Any] = remove_handler(event | {"onReject": on_reject}, None)
        return answer

    def keys_of(self, event: dict[str, Any]) -> list[str]:
        """List the renditions that an attempt wrote and that are there."""
        return self.aws.keys(prefix=self.set_of(event).prefix)

    def written_by(self, event: dict[str, Any]) -> list[str]:
        """Return the keys of all renditions that an attempt writes, sorted."""
        return sorted(f"{self.set_of(event).prefix}{name}.jpg" for name in NAMES)
