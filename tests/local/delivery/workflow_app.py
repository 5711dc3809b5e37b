"""An app with a workflow that publishes every image, and a delivery of what it has published."""

from aws_cdk import App, RemovalPolicy, Stack

from safelight import ImageDelivery, ImageWorkflow, OnDelete, Preset, Rendition, Route, WorkflowVersion

app = App(context={"safelight:platform": "local"})
stack = Stack(app, "Stories")
workflow = ImageWorkflow(
    stack,
    "Workflow",
    version=WorkflowVersion.V5,
    default_route=Route(checks=None),
    renditions=[Rendition(name="master", width=500)],
    on_delete=OnDelete.WITHDRAW,
    removal_policy=RemovalPolicy.DESTROY,
)
ImageDelivery(
    stack,
    "Cdn",
    source=workflow.published_bucket,
    records=workflow.records,
    workflow_id=workflow.workflow_id,
    rendition="master",
    presets={"card": Preset(width=320)},
    removal_policy=RemovalPolicy.DESTROY,
)
app.synth()
