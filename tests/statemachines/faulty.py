"""The CDK app that faults are put in front of: v5 four times, each keeping or removing uploads in a way of its own."""

from aws_cdk import App, Environment, RemovalPolicy, Stack, aws_s3

from safelight import Check, ImageWorkflow, OnDelete, OnReject, Redact, Route, WorkflowVersion

app = App()
stack = Stack(app, "Faulty", env=Environment(account="000000000000", region="us-east-1"))
routes = {
    "park": Route(checks=[Check.moderation()]),
    "restaurant": Route(checks=[Check.moderation(), Check.no_people()]),
    "street": Route(checks=[Check.moderation()], redact=Redact(plates=True)),
    "kiosk": Route(checks=[Check.labels(required=["Cup"]), Check.words(required=["SAFELIGHT"])]),
}
moderated = {"park": Route(checks=[Check.moderation()])}
ImageWorkflow(stack, "Keeping", version=WorkflowVersion.V5, routes=routes, removal_policy=RemovalPolicy.DESTROY)
ImageWorkflow(
    stack,
    "Quarantining",
    version=WorkflowVersion.V5,
    routes={"park": Route(checks=None)},
    on_reject=OnReject.QUARANTINE,
    removal_policy=RemovalPolicy.DESTROY,
)
ImageWorkflow(
    stack,
    "Deleting",
    version=WorkflowVersion.V5,
    routes=moderated,
    on_reject=OnReject.DELETE,
    on_delete=OnDelete.WITHDRAW,
    removal_policy=RemovalPolicy.DESTROY,
)
# Without versions: what is replaced is gone. Not `event_bridge_enabled`, for which the emulator lacks a function.
unversioned = aws_s3.Bucket(stack, "Uploads", removal_policy=RemovalPolicy.DESTROY)
resource = unversioned.node.default_child
assert isinstance(resource, aws_s3.CfnBucket)
resource.notification_configuration = aws_s3.CfnBucket.NotificationConfigurationProperty(
    event_bridge_configuration=aws_s3.CfnBucket.EventBridgeConfigurationProperty(event_bridge_enabled=True)
)
ImageWorkflow(
    stack,
    "Replacing",
    version=WorkflowVersion.V5,
    routes=moderated,
    upload_bucket=unversioned,
    removal_policy=RemovalPolicy.DESTROY,
)
app.synth()
