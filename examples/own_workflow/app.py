"""A workflow of one's own: a state machine that is not Safelight's, with a check that is not Safelight's."""

from pathlib import Path

from aws_cdk import App, Duration, Stack, aws_lambda

from safelight import ImageWorkflow, Platform

HERE = Path(__file__).parent

app = App()
stack = Stack(app, "TrustedPhotos")

# --8<-- [start:function]
platform = Platform.of(stack.node)
check_quota = aws_lambda.Function(
    stack,
    "CheckQuota",
    code=aws_lambda.Code.from_asset(str(HERE / "check_quota")),
    handler="handler.handler",
    runtime=platform.runtime,
    architecture=platform.lambda_architecture,
    timeout=Duration.seconds(10),
    environment={"QUOTA": "2"},
)
# --8<-- [end:function]

# --8<-- [start:workflow]
workflow = ImageWorkflow(
    stack,
    "Workflow",
    definition=HERE / "trusted.asl.json",
    functions={"CheckQuota": check_quota},  # stands for ${CheckQuotaFunctionArn}
)
# --8<-- [end:workflow]

# --8<-- [start:permission]
workflow.records.grant_read_data(check_quota)
check_quota.add_environment("RECORDS_TABLE", workflow.records.table_name)
# --8<-- [end:permission]

app.synth()
