"""A workflow, and a Lambda function that reacts to its outcomes."""

from pathlib import Path

from aws_cdk import App, Duration, Stack, aws_events, aws_events_targets, aws_lambda, aws_logs

from safelight import ImageWorkflow, Platform

HERE = Path(__file__).parent

app = App()
stack = Stack(app, "PhotosWithNotes")
workflow = ImageWorkflow(stack, "Workflow")

# --8<-- [start:rule]
platform = Platform.of(stack.node)
note_outcome = aws_lambda.Function(
    stack,
    "NoteOutcome",
    code=aws_lambda.Code.from_asset(str(HERE / "note_outcome")),
    handler="handler.handler",
    runtime=platform.runtime,
    architecture=platform.lambda_architecture,
    timeout=Duration.seconds(10),
    log_group=aws_logs.LogGroup(stack, "Notes", log_group_name="/photos/notes"),
)
aws_events.Rule(
    stack,
    "Outcomes",
    event_bus=workflow.event_bus,
    event_pattern=aws_events.EventPattern(
        source=["safelight"],
        detail_type=["Image Published", "Image Rejected", "Image Failed", "Image Withdrawn"],
        detail={"workflow": [workflow.workflow_id]},
    ),
    targets=[aws_events_targets.LambdaFunction(note_outcome)],
)
# --8<-- [end:rule]

app.synth()
