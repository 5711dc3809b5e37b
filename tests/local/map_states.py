"""A state machine of Distributed Map states, for tests of the emulator's Map Runs."""

import json
from dataclasses import dataclass
from typing import Any

from tests.local.emulator_clients import client, wait_until
from tests.local.lambda_functions import create_function, create_role

from safelight_local.emulator.endpoints import Endpoints

BUCKET = "map-data"
ECHO = {"Type": "Pass", "QueryLanguage": "JSONata", "End": True}
# What child executions get as the context object, with the item that a Map gives to its iterations.
CONTEXT = ECHO | {
    "Output": {
        "names": "{% $sort($keys($states.context)) %}",
        "id": "{% $states.context.Execution.Id %}",
        "input": "{% $states.context.Execution.Input %}",
        "isSet": "{% $exists($outer) %}",
    }
}
PAIR = ECHO | {"Output": "{% [$states.input, $states.input * 10] %}"}
BREAK = {"Type": "Fail", "QueryLanguage": "JSONata", "Error": "Broken", "Cause": "{% 'item ' & $states.input %}"}
BROKEN = {"Condition": "{% $substring($string($states.input), 0, 1) = '-' %}", "Next": "Break"}
CHECK = {"Type": "Choice", "QueryLanguage": "JSONata", "Choices": [BROKEN], "Default": "Work"}
# Raises on the first attempt, and in the others returns the item.
FLAKY = """
class ChunkMiscounted(Exception):
    pass

def handler(event, context):
    if event["attempt"] == 0:
        raise ChunkMiscounted("29 frames, not 30")
    return event["item"]
"""


def distributed(work: dict[str, Any] = ECHO, *, language: str = "JSONata", **fields: Any) -> dict[str, Any]:
    """A Distributed Map that breaks negative numbers and works on all else."""
    processor = {
        "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
        "StartAt": "Check",
        "States": {"Check": CHECK, "Break": BREAK, "Work": work},
    }
    usual = {"Type": "Map", "QueryLanguage": language, "Label": "Run", "ItemProcessor": processor, "End": True}
    items = {"Items": "{% $states.input.items %}"} if language == "JSONata" and "ItemReader" not in fields else {}
    return usual | items | fields


def reader(input_type: str = "JSON", **config: Any) -> dict[str, Any]:
    return {
        "Resource": "arn:aws:states:::s3:getObject",
        "Arguments": {"Bucket": BUCKET, "Key": "{% $states.input.key %}"},
        "ReaderConfig": {"InputType": input_type} | config,
    }


def writer(arguments: str = "Arguments", *, prefix: str = "results", **config: str) -> dict[str, Any]:
    place = {"Resource": "arn:aws:states:::s3:putObject", arguments: {"Bucket": BUCKET, "Prefix": prefix}}
    return place | ({"WriterConfig": config} if config else {})


def states(*, flaky: str, queue: str) -> dict[str, Any]:
    """The Map states under test, by name."""
    batch_input = {"width": "{% $states.input.width %}"}
    item = {"n": "{% $states.context.Map.Item.Value %}", "at": "{% $states.context.Map.Item.Index %}"}
    path = {"n.$": "$$.Map.Item.Value", "from.$": "$$.Map.Item.Source"}
    nothing_tolerated = {"ErrorEquals": ["States.ExceedToleratedFailureThreshold"], "Next": "Exceeded"}
    wait = {
        "Type": "Task",
        "QueryLanguage": "JSONata",
        "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
        "Arguments": {"QueueUrl": queue, "MessageBody": {"token": "{% $states.context.Task.Token %}"}},
        "End": True,
    }
    attempt = {"attempt": "{% $states.context.State.RetryCount %}", "item": "{% $states.input %}"}
    call = {
        "Type": "Task",
        "QueryLanguage": "JSONata",
        "Resource": "arn:aws:states:::lambda:invoke",
        "Arguments": {"FunctionName": flaky, "Payload": attempt},
        "Output": "{% $states.result.Payload %}",
        "Retry": [{"ErrorEquals": ["ChunkMiscounted"], "IntervalSeconds": 1, "MaxAttempts": 2}],
        "End": True,
    }
    return {
        "plain": distributed(),
        "batches": distributed(
            ItemSelector=item,
            ItemBatcher={"MaxItemsPerBatch": "{% $states.input.most %}", "BatchInput": batch_input},
            Output="{% {'batches': $states.result} %}",
        ),
        "batches-by-path": distributed(
            language="JSONPath",
            ItemsPath="$.items",
            ItemSelector=path,
            ItemBatcher={"MaxItemsPerBatchPath": "$.most", "BatchInput": {"width.$": "$.width"}},
            ResultPath="$.made",
            OutputPath="$.made",
        ),
        # 21 bytes: {"Items":["aa","bb"]}
        "batches-by-bytes": distributed(ItemBatcher={"MaxInputBytesPerBatch": 21}),
        "json": distributed(ItemReader=reader(ItemsPointer="/data/items", MaxItems="{% $states.input.most %}")),
        "jsonl": distributed(
            ItemReader=reader("JSONL"), ItemSelector={"from": "{% $states.context.Map.Item.Source %}", **item}
        ),
        "exported": distributed(ResultWriter=writer(), ToleratedFailureCount="{% $states.input.tolerated %}"),
        "exported-by-path": distributed(
            language="JSONPath",
            ItemsPath="$.items",
            ToleratedFailurePercentagePath="$.tolerated",
            ResultWriter=writer(
                arguments="Parameters", prefix="by/path/", Transformation="COMPACT", OutputType="JSONL"
            ),
            ResultSelector={"manifest.$": "$.ResultWriterDetails.Key"},
        ),
        "flat-export": distributed(PAIR, ResultWriter=writer(Transformation="FLATTEN", OutputType="JSON")),
        "flat": distributed(PAIR, ResultWriter={"WriterConfig": {"Transformation": "FLATTEN", "OutputType": "JSON"}}),
        "unknown-format": distributed(ResultWriter=writer(OutputType="XML")),
        "no-bucket": distributed(ResultWriter=writer() | {"Arguments": {"Bucket": "no-such-bucket"}}),
        "strict": distributed(MaxConcurrency=1, ResultWriter=writer(), Catch=[nothing_tolerated]),
        "context": {"Type": "Pass", "QueryLanguage": "JSONata", "Assign": {"outer": 1}, "Next": "context-map"},
        "context-map": distributed(CONTEXT),
        "waiting": distributed(wait, MaxConcurrency="{% $states.input.most %}"),
        "retried": distributed(call),
        "Exceeded": {"Type": "Pass", "End": True},
    }


@dataclass(frozen=True, kw_only=True)
class Ended:
    """An execution that has ended, and its Map Run."""

    arn: str
    status: str
    error: str | None
    output: Any
    run: Any


@dataclass(frozen=True, kw_only=True)
class Machine:
    """The state machine with all Map states: the input's ``kind`` chooses one."""

    endpoints: Endpoints
    arn: str
    queue: str

    def start(self, kind: str, **given: Any) -> str:
        given = {"kind": kind} | given
        started = self.endpoints.stepfunctions.start_execution(stateMachineArn=self.arn, input=json.dumps(given))
        return started["executionArn"]

    def run(self, kind: str, **given: Any) -> Ended:
        return self.end(self.start(kind, **given))

    def end(self, arn: str) -> Ended:
        stepfunctions = self.endpoints.stepfunctions
        wait_until(lambda: stepfunctions.describe_execution(executionArn=arn)["status"] != "RUNNING")
        seen: Any = stepfunctions.describe_execution(executionArn=arn)
        output = json.loads(seen["output"]) if seen["status"] == "SUCCEEDED" else None
        run = self.map_run(arn)
        return Ended(arn=arn, status=seen["status"], error=seen.get("error"), output=output, run=run)

    def map_run(self, arn: str) -> Any:
        (found,) = self.endpoints.stepfunctions.list_map_runs(executionArn=arn)["mapRuns"]
        return self.endpoints.stepfunctions.describe_map_run(mapRunArn=found["mapRunArn"])

    def put(self, key: str, text: str) -> None:
        self.endpoints.s3.put_object(Bucket=BUCKET, Key=key, Body=text.encode())

    def read(self, key: str) -> str:
        return self.endpoints.s3.get_object(Bucket=BUCKET, Key=key)["Body"].read().decode()

    def tokens(self, count: int) -> list[str]:
        """Wait for the task tokens of as many child executions."""
        sqs = client(self.endpoints, "sqs")
        found: list[str] = []

        def are_there() -> bool:
            answer = sqs.receive_message(QueueUrl=self.queue, MaxNumberOfMessages=10, WaitTimeSeconds=1)
            for message in answer.get("Messages", []):
                found.append(json.loads(message["Body"])["token"])
                sqs.delete_message(QueueUrl=self.queue, ReceiptHandle=message["ReceiptHandle"])
            return len(found) >= count

        wait_until(are_there)
        return found

    def answer(self, *tokens: str) -> None:
        for token in tokens:
            self.endpoints.stepfunctions.send_task_success(taskToken=token, output='"done"')


def create_machine(endpoints: Endpoints) -> Machine:
    """Make the state machine, and the bucket, the queue and the function that it needs."""
    endpoints.s3.create_bucket(Bucket=BUCKET)
    queue = client(endpoints, "sqs").create_queue(QueueName="tokens")["QueueUrl"]
    made = states(flaky=create_function(endpoints, name="flaky", source=FLAKY), queue=queue)
    choices = [{"Variable": "$.kind", "StringEquals": kind, "Next": kind} for kind in made]
    definition = {"StartAt": "Kind", "States": {"Kind": {"Type": "Choice", "Choices": choices}} | made}
    arn = endpoints.stepfunctions.create_state_machine(
        name="maps", definition=json.dumps(definition), roleArn=create_role(endpoints, "maps-role")
    )["stateMachineArn"]
    return Machine(endpoints=endpoints, arn=arn, queue=queue)
