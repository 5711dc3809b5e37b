"""Adds a type of place to the default ones."""

from aws_cdk import App, Stack

from safelight import DEFAULT_ROUTES, Check, ImageWorkflow, Route

app = App()
stack = Stack(app, "Places")
ImageWorkflow(
    stack,
    "Workflow",
    routes={
        **DEFAULT_ROUTES,
        "museum": Route(checks=[Check.moderation(allow=["Non-Explicit Nudity"]), Check.no_people()]),
    },
)
app.synth()
