"""A CDK app with a workflow v5 whose one check is a function of the user's own, which answers what its settings say."""

from pathlib import Path

from aws_cdk import App, Environment, RemovalPolicy, Stack, aws_lambda

from safelight import Check, ImageWorkflow, OnError, Platform, Rendition, Route

app = App()
stack = Stack(app, "OwnChecks", env=Environment(account="000000000000", region="us-east-1"))
platform = Platform.of(stack.node)
function = aws_lambda.Function(
    stack,
    "Answers",
    code=aws_lambda.Code.from_asset(str(Path(__file__).with_name("own_check"))),
    handler="told.handler",
    runtime=platform.runtime,
    architecture=platform.lambda_architecture,
)


def answering(answer: object, *, on_error: OnError = OnError.FAIL, **others: object) -> Check:
    """Make the check that gets one answer, and other settings."""
    return Check.custom("told", function=function, settings={"answer": answer, **others}, on_error=on_error)


ImageWorkflow(
    stack,
    "Own",
    routes={
        "accepted": Route(checks=[answering({"accepted": True})], renditions=["small"]),
        "rejected": Route(checks=[answering({"accepted": False, "reason": "TOO_BLUE", "detail": {"blue": 9}})]),
        "everything": Route(checks=[answering("everything")]),
        "large": Route(checks=[answering("large", number=number) for number in range(10)]),
        "malformed": Route(checks=[answering({"accepted": "yes"}, on_error=OnError.REJECT)]),
        "error": Route(checks=[answering("error")]),
    },
    renditions=[Rendition(name="small", width=40), Rendition(name="large", width=80)],
    min_pixels=100,
    removal_policy=RemovalPolicy.DESTROY,
)
app.synth()
