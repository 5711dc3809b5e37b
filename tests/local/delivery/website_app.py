"""An app with a bucket, and a website that has its images in three sizes."""

from aws_cdk import App, RemovalPolicy, Stack, aws_s3

from safelight import ResizingWebsite

app = App(context={"safelight:platform": "local"})
stack = Stack(app, "Website")
photos = aws_s3.Bucket(stack, "Photos", removal_policy=RemovalPolicy.DESTROY)
ResizingWebsite(
    stack,
    "Site",
    source=photos,
    key_prefix="public/",
    sizes=[320, (320, 200), (None, 100)],
    public_read=True,
    removal_policy=RemovalPolicy.DESTROY,
)
app.synth()
