from aws_cdk import App, Stack

from safelight import ImageWorkflow, Monitoring

app = App()
stack = Stack(app, "Photos")
workflow = ImageWorkflow(stack, "Workflow")
Monitoring(stack, "Ops", workflow=workflow, email="ops@example.com")
app.synth()
