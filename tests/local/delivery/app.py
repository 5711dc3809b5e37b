"""An app with a bucket and a delivery of it, which may ask for presets, two sizes, and anything that is signed."""

from aws_cdk import App, RemovalPolicy, Stack, aws_s3

from safelight import ImageDelivery, ImageType, Preset, Signing

app = App(context={"safelight:platform": "local"})
stack = Stack(app, "Delivery")
photos = aws_s3.Bucket(stack, "Photos", removal_policy=RemovalPolicy.DESTROY)
ImageDelivery(
    stack,
    "Cdn",
    source=photos,
    key_prefix="public/",
    presets={"card": Preset(width=320), "thumb": Preset(width=64, height=64, type=ImageType.JPEG)},
    sizes=[640, (320, 200)],
    signing=Signing.OPTIONAL,
    removal_policy=RemovalPolicy.DESTROY,
)
app.synth()
