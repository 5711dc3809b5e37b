"""An app that redacts in two ways: a service copies what is in a bucket, and a workflow publishes renditions."""

from aws_cdk import App, RemovalPolicy, Stack, aws_s3

from safelight import ImageWorkflow, Redact, RedactionService, Rendition, Route, WorkflowVersion

app = App(context={"safelight:platform": "local"})
stack = Stack(app, "Redaction")
source, destination = (
    aws_s3.Bucket(stack, name, versioned=name == "Uploads", removal_policy=RemovalPolicy.DESTROY)
    for name in ("Uploads", "Copies")
)
RedactionService(
    stack, "Service", source=source, destination=destination, calls_per_second=50, removal_policy=RemovalPolicy.DESTROY
)
ImageWorkflow(
    stack,
    "Workflow",
    version=WorkflowVersion.V5,
    min_pixels=1,
    default_route=Route(checks=None, redact=Redact()),
    renditions=[Rendition(name="large", width=300), Rendition(name="small", width=150)],
    removal_policy=RemovalPolicy.DESTROY,
)
app.synth()
