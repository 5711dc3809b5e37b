"""A deployed redaction of photographs in the emulator, made by AWS's own APIs, and what it does with its files."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from tests.local.lambda_functions import create_function

from safelight_contracts.redaction.reviews import PhotoBox, PhotoReview, boxes_key
from safelight_contracts.redaction.service import COUNTS, MADE_FROM
from safelight_local.aws.redactions import Redaction, deployed_redactions
from safelight_local.emulator.endpoints import Endpoints


@dataclass(frozen=True, kw_only=True)
class Stage:
    """A deployed redaction, which does nothing by itself."""

    endpoints: Endpoints
    stack: str
    log_group: str

    @property
    def redaction(self) -> Redaction:
        """As commands find it."""
        (found,) = (it for it in deployed_redactions(self.endpoints) if it.stack == self.stack)
        return found

    @property
    def sent(self) -> list[str]:
        """The keys in the source."""
        return self._keys(self.redaction.source_bucket)

    @property
    def results(self) -> list[str]:
        """The keys in the destination."""
        return self._keys(self.redaction.destination_bucket)

    def redact(self, key: str, *, body: bytes = b"redacted", content_type: str = "image/jpeg", **counts: int) -> None:
        """Write the result of a file."""
        self.endpoints.s3.put_object(
            Bucket=self.redaction.destination_bucket,
            Key=self.redaction.destination_key(key),
            Body=body,
            ContentType=content_type,
            Metadata={MADE_FROM: "0" * 32, COUNTS: json.dumps(counts)},
        )

    @property
    def reviews(self) -> list[str]:
        """The keys of all reviews."""
        return self._keys(self.redaction.reviews_bucket)

    def keep_boxes(self, key: str, *boxes: PhotoBox, width: int, height: int) -> None:
        """Write the boxes of the result of a file."""
        review = PhotoReview(made_from="0" * 32, width=width, height=height, boxes=boxes)
        self.endpoints.s3.put_object(
            Bucket=self.redaction.reviews_bucket,
            Key=boxes_key(self.redaction.destination_key(key)),
            Body=json.dumps(review.as_json()).encode(),
        )

    def log(self, key: str, **entry: Any) -> None:
        """Write into the log of the function, as it does about a file."""
        described = {"upload": {"bucket": self.redaction.source_bucket, "key": key}, **entry}
        self.endpoints.logs.put_log_events(
            logGroupName=self.log_group,
            logStreamName="stream",
            logEvents=[{"timestamp": int(datetime.now(UTC).timestamp() * 1000), "message": json.dumps(described)}],
        )

    def _keys(self, bucket: str) -> list[str]:
        listed = self.endpoints.s3.list_objects_v2(Bucket=bucket)
        return [it["Key"] for it in listed.get("Contents", ())]


def deploy_redaction(
    endpoints: Endpoints,
    *,
    stack: str,
    outputs: Mapping[str, str] | None = None,
    environment: Mapping[str, str] | None = None,
) -> Stage:
    """Make a stack with the outputs of a redaction, and what they name.

    `outputs`: More outputs of the redaction, by name. Default: none.
    `environment`: of its function. Default: empty.
    """
    source, destination, reviews = (f"{stack}-{name}".lower() for name in ("source", "destination", "reviews"))
    for bucket in (source, destination, reviews):
        endpoints.s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    function = create_function(endpoints, name=f"{stack}-redact", source="def handler(event, context): ...")
    if environment:
        endpoints.lambda_.update_function_configuration(
            FunctionName=function, Environment={"Variables": dict(environment)}
        )
    log_group = f"/aws/lambda/{stack}-redact"
    endpoints.logs.create_log_group(logGroupName=log_group)
    endpoints.logs.create_log_stream(logGroupName=log_group, logStreamName="stream")
    made = {
        "PhotoSourceBucketName": source,
        "RedactedPhotosBucketName": destination,
        "PhotoReviewsBucketName": reviews,
        "PhotoRedactionArn": function,
        **(outputs or {}),
    }
    make_stack(endpoints, name=stack, outputs=made)
    return Stage(endpoints=endpoints, stack=stack, log_group=log_group)


def make_stack(endpoints: Endpoints, *, name: str, outputs: Mapping[str, str]) -> None:
    """Make a stack with outputs of a construct ``Redaction``."""
    endpoints.cloudformation.create_stack(
        StackName=name,
        TemplateBody=json.dumps(
            {
                "Resources": {"Topic": {"Type": "AWS::SNS::Topic"}},
                "Outputs": {f"Redaction{output}A1B2C3D4": {"Value": value} for output, value in outputs.items()},
            }
        ),
    )
    endpoints.cloudformation.get_waiter("stack_create_complete").wait(StackName=name, WaiterConfig={"Delay": 1})
