from aws_cdk import App, Stack

from safelight import ImageWorkflow, WorkflowVersion

app = App()
stack = Stack(app, "Photos")
ImageWorkflow(stack, "Workflow", version=WorkflowVersion.V5)
app.synth()
