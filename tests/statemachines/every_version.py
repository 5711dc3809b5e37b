"""A CDK app with one workflow of each version side by side, each with buckets and a table of its own."""

from aws_cdk import App, Environment, RemovalPolicy, Stack

from safelight import ImageWorkflow, WorkflowVersion

app = App()
stack = Stack(app, "EveryVersion", env=Environment(account="000000000000", region="us-east-1"))
for version in WorkflowVersion:
    ImageWorkflow(stack, version.name, version=version, removal_policy=RemovalPolicy.DESTROY)
app.synth()
