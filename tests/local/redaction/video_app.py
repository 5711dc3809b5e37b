"""An app that redacts the videos under two prefixes of a bucket. The detector of the second has no model."""

from aws_cdk import App, RemovalPolicy, Stack, aws_lambda, aws_s3

from safelight import VideoRedaction

app = App(context={"safelight:platform": "local"})
stack = Stack(app, "Redaction")
uploads = aws_s3.Bucket(stack, "Uploads", versioned=True, removal_policy=RemovalPolicy.DESTROY)
redacted = aws_s3.Bucket(stack, "Redacted", removal_policy=RemovalPolicy.DESTROY)
VideoRedaction(
    stack,
    "Videos",
    source=uploads,
    destination=redacted,
    source_prefix="videos/",
    max_concurrency=2,
    removal_policy=RemovalPolicy.DESTROY,
)
blind = VideoRedaction(
    stack,
    "Blind",
    source=uploads,
    destination=redacted,
    source_prefix="unseen/",
    max_concurrency=2,
    removal_policy=RemovalPolicy.DESTROY,
)
detector = blind.steps["detect"].function.node.default_child
assert isinstance(detector, aws_lambda.CfnFunction)
detector.add_property_deletion_override("Layers.3")
app.synth()
