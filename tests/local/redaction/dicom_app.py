"""An app that releases the medical images of a bucket without what names the patient."""

from aws_cdk import App, RemovalPolicy, Stack, aws_s3

from safelight import DicomDeidentification

app = App(context={"safelight:platform": "local"})
stack = Stack(app, "Redaction")
source, destination, quarantine = (
    aws_s3.Bucket(stack, name, versioned=name == "Uploads", removal_policy=RemovalPolicy.DESTROY)
    for name in ("Uploads", "Released", "Aside")
)
DicomDeidentification(
    stack,
    "Dicom",
    source=source,
    destination=destination,
    quarantine=quarantine,
    max_concurrency=2,
    removal_policy=RemovalPolicy.DESTROY,
)
app.synth()
