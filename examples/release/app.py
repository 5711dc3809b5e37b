"""A gradual release: 10% of uploads use the new version first; a failed execution rolls it back."""

from aws_cdk import App, Duration, Stack

from safelight import ImageWorkflow, Release

app = App()
stack = Stack(app, "CarefulPhotos")
ImageWorkflow(stack, "Workflow", release=Release.canary(percent=10, bake=Duration.minutes(10)))
app.synth()
