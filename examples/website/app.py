"""Images of a bucket in three sizes, made when somebody asks, and served by a website of S3 without CloudFront."""

from aws_cdk import App, Stack, aws_s3

from safelight import ResizingWebsite

app = App()
stack = Stack(app, "PictureWebsite")
photos = aws_s3.Bucket(stack, "Photos")
ResizingWebsite(stack, "Site", source=photos, sizes=[320, (320, 200), (None, 100)], public_read=True)
app.synth()
