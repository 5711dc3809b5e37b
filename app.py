"""Deploys one image workflow: ``cdk deploy -c version=v4 -c upload_bucket=my-bucket``."""

import os
import sys

from aws_cdk import App, Environment, RemovalPolicy, Stack, aws_s3

from safelight import ImageWorkflow, WorkflowVersion

app = App()
stack = Stack(
    app,
    "Safelight",
    description="Safelight: images that land in S3 are checked, moderated, resized and published",
    env=Environment(account=os.environ.get("CDK_DEFAULT_ACCOUNT"), region=os.environ.get("CDK_DEFAULT_REGION")),
)
try:
    version = WorkflowVersion.parse(app.node.try_get_context("version") or "v5")
except ValueError as error:
    sys.exit(f"Error: {error}")
existing = app.node.try_get_context("upload_bucket")
ImageWorkflow(
    stack,
    "ImageWorkflow",
    version=version,
    upload_bucket=aws_s3.Bucket.from_bucket_name(stack, "ExistingUploads", existing) if existing else None,
    removal_policy=RemovalPolicy.RETAIN,
)
app.synth()
