"""A route with its own check: it limits the number of published photos for each place."""

from pathlib import Path

from aws_cdk import App, Duration, Stack, aws_lambda

from safelight import Check, ImageWorkflow, Platform, Route

HERE = Path(__file__).parent

app = App()
stack = Stack(app, "PhotosWithQuota")

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
)
# --8<-- [end:function]


# --8<-- [start:routes]
def quota(photos: int) -> Check:
    """Limit the number of published photos for each place."""
    return Check.custom("quota", function=check_quota, settings={"quota": photos})


workflow = ImageWorkflow(
    stack,
    "Workflow",
    routes={
        "park": Route(checks=[quota(2), Check.moderation()]),
        "restaurant": Route(checks=[quota(20), Check.moderation(), Check.no_people()]),
    },
)
# --8<-- [end:routes]

# --8<-- [start:permission]
workflow.records.grant_read_data(check_quota)
check_quota.add_environment("RECORDS_TABLE", workflow.records.table_name)
# --8<-- [end:permission]

app.synth()
