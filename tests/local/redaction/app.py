"""An app with two buckets and a service that keeps redacted copies of what is in the first."""

from aws_cdk import App, RemovalPolicy, Stack, aws_s3

from safelight import RedactionService

app = App(context={"safelight:platform": "local"})
stack = Stack(app, "Redaction")
source, destination = (
    aws_s3.Bucket(stack, name, versioned=name == "Uploads", removal_policy=RemovalPolicy.DESTROY)
    for name in ("Uploads", "Copies")
)
RedactionService(
    stack, "Service", source=source, destination=destination, calls_per_second=50, removal_policy=RemovalPolicy.DESTROY
)
app.synth()
