"""The outputs of a redaction service's stack, by which commands and people find its parts."""

from aws_cdk import CfnOutput, aws_lambda, aws_s3, aws_sqs
from constructs import Construct


def make_outputs(
    scope: Construct,
    *,
    source: aws_s3.IBucket,
    source_prefix: str,
    destination: aws_s3.IBucket,
    destination_prefix: str,
    function: aws_lambda.IFunction,
    dead_letters: aws_sqs.IQueue,
) -> None:
    """Make an output for each part. Omit those of prefixes that are not set."""
    outputs = {
        "PhotoSourceBucketName": ("Upload images here", source.bucket_name),
        "PhotoSourcePrefix": ("Only uploads under this prefix are redacted", source_prefix),
        "RedactedPhotosBucketName": ("Redacted copies appear here", destination.bucket_name),
        "RedactedPhotosPrefix": ("What is put before the key of an upload", destination_prefix),
        "PhotoRedactionArn": ("Redacts. Commands read its log", function.function_arn),
        "RedactionDeadLettersArn": (
            "Uploads that were not redacted: aws sqs start-message-move-task --source-arn",
            dead_letters.queue_arn,
        ),
    }
    for name, (description, value) in outputs.items():
        if value:
            CfnOutput(scope, name, description=description, value=value)
