"""An existing bucket. Only uploads under a prefix are processed; renditions go to the same bucket."""

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
