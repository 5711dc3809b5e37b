"""Reprocess: the live workflow again for what was uploaded already, when renditions or rules have changed."""

from aws_cdk import (
    Acknowledgment,
    ArnFormat,
    CfnOutput,
    Duration,
    RemovalPolicy,
    Stack,
    Token,
    Validations,
    aws_iam,
    aws_logs,
    aws_stepfunctions,
)
from constructs import Construct, IConstruct

from safelight.core.assets import STATE_MACHINES
from safelight.core.buckets import private_bucket
from safelight.core.nag import bucket_name_in_findings
from safelight.core.release import ALIAS
from safelight.core.state_machine import vended_log_group_name
from safelight.image_workflow.workflow import ImageWorkflow

MAX_CONCURRENCY = 10_000
"""Child executions that one Distributed Map runs at once at most: Step Functions' own limit."""

_LABEL = "Uploads"
_RESULTS_KEPT = Duration.days(30)

# What Step Functions hears of the end of an execution by that it started and waits for: one rule an account and region.
_SYNC_RULE = "StepFunctionsGetEventsForStepFunctionsExecutionRule"


class Reprocess(Construct):
    """A state machine that runs a workflow again for every upload under a prefix of its upload bucket.

    Each upload becomes a child execution of a Distributed Map, which starts the alias ``live`` and waits for its end.
    The workflow's input is the upload's event with ``detail.reprocess`` (``id`` and ``at`` of the run) beside its
    ``bucket`` and ``object``. Start it by ``safelight reprocess``, or with the input
    ``{"prefix": "incoming/", "since": "2026-01-31T00:00:00Z", "concurrency": 5}``, of which all can be left out.

    Parameters
    ----------
    scope
        The construct that this one is a part of, such as a stack.
    id
        Its name in that scope.
    workflow
        The workflow that is run again. It must be a Standard one.
    max_concurrency
        How many uploads are processed at once at most, 1 to 10,000; a run may ask for fewer. Left out: 10, which
        leaves most of Rekognition's and Lambda's quotas to the uploads that come in meanwhile.
    removal_policy
        What becomes of the logs and of the bucket of results when the stack is deleted. Left out: they are retained.

    Attributes
    ----------
    state_machine : StateMachine
        The Standard state machine.
    results : Bucket
        The bucket where a run leaves what became of each upload, for 30 days.

    Raises
    ------
    ValueError
        When the workflow is an Express one, or ``max_concurrency`` is out of its bounds.

    References
    ----------
    https://docs.aws.amazon.com/step-functions/latest/dg/state-map-distributed.html
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        workflow: ImageWorkflow,
        max_concurrency: int = 10,
        removal_policy: RemovalPolicy = RemovalPolicy.RETAIN,
    ) -> None:
        super().__init__(scope, id)
        if workflow.type is aws_stepfunctions.StateMachineType.EXPRESS:
            raise ValueError(
                f"{workflow.node.path} is an Express workflow, whose end Step Functions tells nobody: a reprocess "
                "waits for it. Give that workflow type=StateMachineType.STANDARD, or leave its type out."
            )
        if not 1 <= max_concurrency <= MAX_CONCURRENCY:
            raise ValueError(
                f"max_concurrency={max_concurrency} must be 1 to {MAX_CONCURRENCY:,}, as many as Step Functions runs."
            )
        self.results = private_bucket(self, "Results", removal_policy=removal_policy)
        self.results.add_lifecycle_rule(id="ExpireResults", expiration=_RESULTS_KEPT)
        logs = aws_logs.LogGroup(
            self,
            "StateMachineLogs",
            log_group_name=vended_log_group_name(self),
            retention=aws_logs.RetentionDays.ONE_MONTH,
            removal_policy=removal_policy,
        )
        self.state_machine = aws_stepfunctions.StateMachine(
            self,
            "StateMachine",
            definition_body=aws_stepfunctions.DefinitionBody.from_string(
                (STATE_MACHINES / "reprocess" / "v1.asl.json").read_text(encoding="utf-8")
            ),
            definition_substitutions={
                "UploadBucketName": workflow.upload_bucket.bucket_name,
                "KeyPrefix": workflow.key_prefix,
                "RecordsTableName": workflow.records.table_name,
                "WorkflowId": workflow.workflow_id,
                "WorkflowArn": workflow.state_machine.state_machine_arn,
                "LiveArn": workflow.live.ref,
                "MaxConcurrency": str(max_concurrency),
                "ResultsBucketName": self.results.bucket_name,
            },
            tracing_enabled=True,
            logs=aws_stepfunctions.LogOptions(
                destination=logs, level=aws_stepfunctions.LogLevel.ALL, include_execution_data=False
            ),
        )
        self._permit(workflow)
        CfnOutput(self, "ReprocessorArn", description="Runs the workflow again", value=self._arn)
        CfnOutput(
            self,
            "ReprocessedWorkflowArn",
            description="The workflow that is run again",
            value=workflow.state_machine.state_machine_arn,
        )
        self._acknowledge(workflow)

    @property
    def _arn(self) -> str:
        return self.state_machine.state_machine_arn

    def _permit(self, workflow: ImageWorkflow) -> None:
        bucket, prefix = workflow.upload_bucket, workflow.key_prefix
        machine = workflow.state_machine
        for statement in (
            _allow(
                "s3:ListBucket",
                on=[bucket.bucket_arn],
                conditions={"StringLike": {"s3:prefix": f"{prefix}*"}} if prefix else None,
            ),
            _allow("s3:GetObject", on=[bucket.arn_for_objects(f"{prefix}*")]),
            _allow(
                "dynamodb:Query", on=[workflow.records.table_arn], conditions=_items(f"IMAGE#{workflow.workflow_id}#*")
            ),
            _allow(
                "dynamodb:GetItem",
                "dynamodb:UpdateItem",
                on=[workflow.records.table_arn],
                conditions=_items("REPROCESS#*"),
            ),
            _allow(
                "states:StartExecution",
                on=[machine.state_machine_arn],
                conditions={"ForAnyValue:StringEquals": {"states:StateMachineQualifier": [ALIAS]}},
            ),
            _allow("states:DescribeStateMachine", on=[machine.state_machine_arn]),
            _allow("states:DescribeExecution", "states:StopExecution", on=[_executions(machine)]),
            _allow(
                "events:PutTargets",
                "events:PutRule",
                "events:DescribeRule",
                on=[Stack.of(self).format_arn(service="events", resource="rule", resource_name=_SYNC_RULE)],
            ),
            _allow(
                "s3:PutObject",
                "s3:GetObject",
                "s3:ListMultipartUploadParts",
                "s3:AbortMultipartUpload",
                on=[self.results.arn_for_objects("*")],
            ),
        ):
            self.state_machine.add_to_role_policy(statement)
        for key in (bucket.encryption_key, workflow.records.encryption_key):
            if key:
                key.grant_encrypt_decrypt(self.state_machine)
        # Apart from the role's own policy, which the state machine waits for and which could not name it.
        aws_iam.Policy(
            self,
            "MapPolicy",
            roles=[self.state_machine.role],
            statements=[
                _allow("states:StartExecution", on=[self._arn]),
                _allow("states:DescribeExecution", "states:StopExecution", on=self._own_executions()),
            ],
        )

    def _own_executions(self) -> list[str]:
        return [_executions(self.state_machine), _executions(self.state_machine, label=f"/{_LABEL}")]

    def _acknowledge(self, workflow: ImageWorkflow) -> None:
        _acknowledge(self.results, "S1", "It holds what a run made of each upload for 30 days, and no image.")
        for construct, resource in (
            (self.state_machine, "*"),
            (self.state_machine, f"{bucket_name_in_findings(workflow.upload_bucket)}/{workflow.key_prefix}*"),
            (self.state_machine, f"{bucket_name_in_findings(self.results)}/*"),
            (self.state_machine, _executions_in_findings(workflow.state_machine)),
            (self, _executions_in_findings(self.state_machine)),
            (self, _executions_in_findings(self.state_machine, label=f"/{_LABEL}")),
        ):
            _acknowledge(construct, f"IAM5[Resource::{resource}]", "Objects and executions have names of their own.")


def _allow(*actions: str, on: list[str], conditions: dict[str, object] | None = None) -> aws_iam.PolicyStatement:
    return aws_iam.PolicyStatement(actions=list(actions), resources=on, conditions=conditions)


def _items(keys: str) -> dict[str, object]:
    return {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": [keys]}}


def _executions(machine: aws_stepfunctions.StateMachine, *, label: str = "") -> str:
    return Stack.of(machine).format_arn(
        service="states",
        resource="execution",
        resource_name=f"{machine.state_machine_name}{label}:*",
        arn_format=ArnFormat.COLON_RESOURCE_NAME,
    )


def _executions_in_findings(machine: aws_stepfunctions.StateMachine, *, label: str = "") -> str:
    stack = Stack.of(machine)
    l1 = machine.node.default_child
    assert isinstance(l1, aws_stepfunctions.CfnStateMachine)  # noqa: S101
    region = "<AWS::Region>" if Token.is_unresolved(stack.region) else stack.region
    account = "<AWS::AccountId>" if Token.is_unresolved(stack.account) else stack.account
    return f"arn:<AWS::Partition>:states:{region}:{account}:execution:<{stack.get_logical_id(l1)}.Name>{label}:*"


def _acknowledge(construct: IConstruct, rule: str, reason: str) -> None:
    Validations.of(construct).acknowledge(Acknowledgment(id=f"AwsSolutions::AwsSolutions-{rule}", reason=reason))
