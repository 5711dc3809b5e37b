"""A bucket that is there already: only what lands under a prefix is looked at, and renditions go into it too."""

from aws_cdk import App, Stack, aws_s3

from safelight import ImageWorkflow

app = App()
stack = Stack(app, "HolidayPhotos")
photos = aws_s3.Bucket.from_bucket_name(stack, "Photos", "holiday-photos")
ImageWorkflow(
    stack,
    "Workflow",
    upload_bucket=photos,
    key_prefix="incoming/",
    published_bucket=photos,
    published_prefix="published/",
)
app.synth()
