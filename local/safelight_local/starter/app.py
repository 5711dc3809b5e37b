"""Checks, resizes and publishes the images that land in a bucket."""

from aws_cdk import App, Stack

from safelight import ImageWorkflow

app = App()
ImageWorkflow(Stack(app, "Photos"), "Workflow")
app.synth()
