from aws_cdk import App, Stack

from safelight import ImageWorkflow, Reprocess

app = App()
stack = Stack(app, "Photos")
workflow = ImageWorkflow(stack, "Workflow")
Reprocess(stack, "Again", workflow=workflow, max_concurrency=10)
app.synth()
