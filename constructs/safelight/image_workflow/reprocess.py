"""Reprocess: runs the live workflow again for existing uploads, after renditions or rules have changed."""

from aws_cdk import CfnOutput, Duration, RemovalPolicy, Stack, aws_iam, aws_stepfunctions
from constructs import Construct

from safelight.core.assets import STATE_MACHINES
from safelight.core.buckets import private_bucket
from safelight.core.encryption import allow_state_machine_data, allow_table_data
from safelight.core.nag import acknowledge, acknowledge_executions, acknowledge_key_grants, acknowledge_objects
from safelight.core.permissions import executions_of, leading_keys, start_executions, statement
from safelight.core.scopes import ConstructInStack
from safelight.core.state_machine import accept_lint_finding, make_log_group, make_state_machine
from safelight.image_workflow.environments import validate_user
from safelight.image_workflow.versions import SYSTEM
from safelight.image_workflow.workflow import ImageWorkflow
from safelight_contracts.arguments import validated
from safelight_contracts.records import REPROCESSES, uploads_prefix

MAX_CONCURRENCY = 10_000
"""The most child executions that one Distributed Map runs at the same time: Step Functions' own limit."""

_LABEL = "Uploads"
_RESULTS_KEPT = Duration.days(30)

# The rule by which Step Functions learns that an execution it waits for has ended: one per account and region.
_SYNC_RULE = "StepFunctionsGetEventsForStepFunctionsExecutionRule"


class Reprocess(ConstructInStack):
    """A state machine that runs a workflow again for every upload under a prefix of its upload bucket.

    A Distributed Map has one child execution for each upload. It starts the alias ``live`` and waits for its end. The
    workflow's input is the upload's event, with ``detail.reprocess`` (``id`` and ``at`` of the run) beside its
    ``bucket`` and ``object``. Start a run with ``safelight reprocess``, or with the input
    ``{"prefix": "incoming/", "since": "2026-01-31T00:00:00Z", "concurrency": 5}``. Every field is optional.
    It has the workflow's ``encryption_key`` and ``log_level``.

    Parameters
    ----------
    scope
        The parent construct, such as a stack.
    id
        The id of this construct in the scope.
    workflow
        The workflow to run again. It must be a Standard workflow. It should be in the same stack: a warning at synth
        says what another stack prevents.
    max_concurrency
        The most uploads that are processed at the same time, 1 to 10,000. A run can ask for fewer. Default: 10, which
        leaves most of Rekognition's and Lambda's quotas to new uploads.
    removal_policy
        What happens to the logs and the bucket of results when the stack is deleted. Default: they are retained,
        unless the deployment that makes them fails.

    Attributes
    ----------
    state_machine : StateMachine
        The Standard state machine.
    results : Bucket
        The bucket with the result of each upload. It keeps them for 30 days.

    Raises
    ------
    ValueError
        If the workflow is an Express workflow or in another account or region, ``max_concurrency`` is out of range, or
        the scope is not in a stack.

    References
    ----------
    https://docs.aws.amazon.com/step-functions/latest/dg/state-map-distributed.html
    """

    @validated
    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        workflow: ImageWorkflow,
        max_concurrency: int = 10,
        removal_policy: RemovalPolicy = RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
    ) -> None:
        super().__init__(scope, id)
        validate_user(self, workflow=workflow)
        if workflow.type is aws_stepfunctions.StateMachineType.EXPRESS:
            raise ValueError(
                f"{workflow.node.path} is an Express workflow. A reprocess cannot wait for the end of its executions. "
                "Create the workflow with type=StateMachineType.STANDARD, or omit its type."
            )
        if not 1 <= max_concurrency <= MAX_CONCURRENCY:
            raise ValueError(
                f"max_concurrency={max_concurrency} must be 1 to {MAX_CONCURRENCY:,}, the limit of Step Functions."
            )
        key = workflow.encryption_key
        self.results = private_bucket(self, "Results", encryption_key=key, removal_policy=removal_policy)
        self.results.add_lifecycle_rule(id="ExpireResults", expiration=_RESULTS_KEPT)
        self.state_machine = make_state_machine(
            self,
            "StateMachine",
            definition=(STATE_MACHINES / SYSTEM / "reprocess" / "v1.asl.json").read_text(encoding="utf-8"),
            substitutions={
                "UploadBucketName": workflow.upload_bucket.bucket_name,
                "KeyPrefix": workflow.key_prefix,
                "KeySuffixes": " ".join(workflow.key_suffixes),
                "RecordsTableName": workflow.records.table_name,
                "WorkflowId": workflow.workflow_id,
                "WorkflowArn": workflow.state_machine.state_machine_arn,
                "LiveArn": workflow.live.ref,
                "MaxConcurrency": str(max_concurrency),
                "ResultsBucketName": self.results.bucket_name,
            },
            log_group=make_log_group(self, "StateMachineLogs", encryption_key=key, removal_policy=removal_policy),
            encryption_key=key,
            log_level=workflow.log_level,
        )
        # Does not know that MaxConcurrency can be a JSONata expression.
        accept_lint_finding(self.state_machine, "E3601")
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
        for allowed in (
            # Without a condition on the prefix, which a HEAD request does not send. S3 would answer 403 instead of 404
            # for an object that was deleted since it was listed.
            statement("s3:ListBucket", on=bucket.bucket_arn),
            statement("s3:GetObject", on=bucket.arn_for_objects(f"{prefix}*")),
            statement(
                "dynamodb:Query",
                on=workflow.records.table_arn,
                conditions=leading_keys([f"{uploads_prefix(workflow.workflow_id)}*"]),
            ),
            statement(
                "dynamodb:GetItem",
                "dynamodb:UpdateItem",
                on=workflow.records.table_arn,
                conditions=leading_keys([f"{REPROCESSES}*"]),
            ),
            start_executions(machine),
            statement("states:DescribeStateMachine", on=machine.state_machine_arn),
            statement("states:DescribeExecution", "states:StopExecution", on=executions_of(machine)),
            statement(
                "events:PutTargets",
                "events:PutRule",
                "events:DescribeRule",
                on=Stack.of(self).format_arn(service="events", resource="rule", resource_name=_SYNC_RULE),
            ),
            statement(
                "s3:PutObject",
                "s3:GetObject",
                "s3:ListMultipartUploadParts",
                "s3:AbortMultipartUpload",
                on=self.results.arn_for_objects("*"),
            ),
        ):
            self.state_machine.add_to_role_policy(allowed)
        for key in (bucket.encryption_key, self.results.encryption_key):
            if key:
                key.grant_encrypt_decrypt(self.state_machine)
        allow_table_data(self.state_machine, workflow.records)
        allow_state_machine_data(
            self.state_machine, workflow.encryption_key, state_machine_arn=machine.state_machine_arn
        )
        # Not in the role's own policy: the state machine depends on that policy, so it cannot name the state machine.
        aws_iam.Policy(
            self,
            "MapPolicy",
            roles=[self.state_machine.role],
            statements=[
                statement("states:StartExecution", on=self._arn),
                statement("states:DescribeExecution", "states:StopExecution", on=self._own_executions()),
                # A redrive of a run redrives the failed child executions of its Map.
                statement("states:RedriveExecution", on=executions_of(self.state_machine, map_label=_LABEL)),
            ],
        )

    def _own_executions(self) -> list[str]:
        return [executions_of(self.state_machine), executions_of(self.state_machine, map_label=_LABEL)]

    def _acknowledge(self, workflow: ImageWorkflow) -> None:
        acknowledge(self.results, "S1", "It keeps the result of each upload for 30 days. It has no images.")
        machine = self.state_machine
        acknowledge(machine, "IAM5[Resource::*]", "X-Ray traces and CloudWatch log delivery support only '*'.")
        acknowledge_key_grants(machine)
        acknowledge_objects(machine, bucket=workflow.upload_bucket, prefix=workflow.key_prefix)
        acknowledge_objects(machine, bucket=self.results, prefix="")
        acknowledge_executions(machine, state_machine=workflow.state_machine)
        acknowledge_executions(self, state_machine=machine)
        acknowledge_executions(self, state_machine=machine, map_label=_LABEL)
