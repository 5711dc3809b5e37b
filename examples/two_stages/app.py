"""Two stages of one app: own bucket, customer key, event bus, VPC, check, monitoring and reprocess."""

from pathlib import Path

from aws_cdk import App, Duration, Stack, Stage, aws_ec2, aws_events, aws_kms, aws_lambda, aws_s3
from constructs import Construct

from safelight import Check, ImageWorkflow, Monitoring, Platform, Reprocess, Route

HERE = Path(__file__).parent


class Photos(Stack):
    """Everything that one stage deploys."""

    def __init__(self, scope: Construct, id: str, *, stack_name: str) -> None:
        super().__init__(scope, id, stack_name=stack_name)
        key = aws_kms.Key(self, "Key", enable_key_rotation=True)
        uploads = aws_s3.Bucket(
            self,
            "Uploads",
            versioned=True,
            encryption=aws_s3.BucketEncryption.KMS,
            encryption_key=key,
            bucket_key_enabled=True,
            block_public_access=aws_s3.BlockPublicAccess.BLOCK_ALL,
            enforce_ssl=True,
        )
        vpc = aws_ec2.Vpc(self, "Vpc", max_azs=2, nat_gateways=1)
        workflow = ImageWorkflow(
            self,
            "Workflow",
            upload_bucket=uploads,
            encryption_key=key,
            event_bus=aws_events.EventBus(self, "Bus"),
            vpc=vpc,
            routes={"park": Route(checks=[Check.moderation(), self._large_enough(vpc)])},
        )
        Monitoring(self, "Ops", workflow=workflow, email="ops@example.com")
        Reprocess(self, "Again", workflow=workflow)

    def _large_enough(self, vpc: aws_ec2.IVpc) -> Check:
        """Make a check of this app's own, in the VPC of the workflow."""
        platform = Platform.of(self.node)
        function = aws_lambda.Function(
            self,
            "CheckBytes",
            code=aws_lambda.Code.from_asset(str(HERE / "check_bytes")),
            handler="handler.handler",
            runtime=platform.runtime,
            architecture=platform.lambda_architecture,
            timeout=Duration.seconds(10),
            vpc=vpc,
        )
        return Check.custom("bytes", function=function, settings={"least": 1000})


app = App()
for name in ("Dev", "Prod"):
    Photos(Stage(app, name), "Photos", stack_name=f"{name}Photos")
app.synth()
