"""A gradual release: one upload in ten goes the new way first, and all go back when an execution fails."""

from aws_cdk import App, Duration, Stack

from safelight import ImageWorkflow, Release

app = App()
stack = Stack(app, "CarefulPhotos")
ImageWorkflow(stack, "Workflow", release=Release.canary(percent=10, bake=Duration.minutes(10)))
app.synth()
