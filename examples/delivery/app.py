"""Images of a bucket in the sizes that pages ask for, made when somebody asks, and delivered through CloudFront."""

from aws_cdk import App, Stack, aws_s3

from safelight import Focus, ImageDelivery, ImageType, Preset, ResizeFit, Signing

app = App()
stack = Stack(app, "Pictures")
photos = aws_s3.Bucket(stack, "Photos")
ImageDelivery(
    stack,
    "Cdn",
    source=photos,
    presets={
        "card": Preset(width=320),
        "avatar": Preset(width=128, height=128, fit=ResizeFit.COVER, focus=Focus.ATTENTION),
        "preview": Preset(width=1200, height=630, fit=ResizeFit.COVER, type=ImageType.JPEG),
    },
    sizes=[640, 1280],
    signing=Signing.OPTIONAL,
)
app.synth()
