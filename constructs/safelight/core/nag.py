"""Findings of cdk-nag's AwsSolutions pack that a system has on purpose, acknowledged with a reason."""

import json
from collections.abc import Iterable
from typing import Any

import jsii
from aws_cdk import Acknowledgment, Stack, Validations, aws_lambda, aws_s3, aws_sqs, aws_stepfunctions
from constructs import IConstruct, IValidation

from safelight.core.permissions import executions_of


def acknowledge(construct: IConstruct, rule: str, reason: str) -> None:
    """Acknowledge one finding, such as ``S1`` or ``IAM5[Resource::*]``, on a construct and what is below it."""
    Validations.of(construct).acknowledge(Acknowledgment(id=f"AwsSolutions::AwsSolutions-{rule}", reason=reason))


def acknowledge_dead_letters(queues: Iterable[aws_sqs.Queue]) -> None:
    """Acknowledge that dead-letter queues have no dead-letter queues of their own."""
    for queue in queues:
        acknowledge(queue, "SQS3", "It is a dead-letter queue.")


def acknowledge_runtime(functions: Iterable[aws_lambda.Function]) -> None:
    """Acknowledge that functions do not run on the newest runtime."""
    for function in functions:
        acknowledge(
            function,
            "L1",
            "The layers are locked for this runtime, and the tests run on it. Change it with platform=.",
        )


def acknowledge_objects(role: IConstruct, *, bucket: aws_s3.IBucket, prefix: str) -> None:
    """Acknowledge that a role reads or writes every object under a prefix of a bucket."""
    _acknowledge_wildcard(
        role,
        arn=bucket.arn_for_objects(f"{prefix}*"),
        reason="Keys of objects are not known in advance, so the statement can only name the bucket and the prefix.",
    )


def acknowledge_key_grants(role: IConstruct) -> None:
    """Acknowledge the wildcards in what the CDK grants on a customer's key."""
    for actions in ("kms:GenerateDataKey*", "kms:ReEncrypt*"):
        acknowledge(
            role,
            f"IAM5[Action::{actions}]",
            "S3 and DynamoDB need these variants of one action. The statement names the key.",
        )


def acknowledge_invocations(
    state_machine: aws_stepfunctions.StateMachine, *, functions: Iterable[aws_lambda.IFunction]
) -> None:
    """Acknowledge that a state machine invokes every version of functions."""
    for function in functions:
        _acknowledge_wildcard(
            state_machine,
            arn=f"{function.function_arn}:*",
            reason="Running executions and rollbacks invoke older versions of the function.",
        )


def acknowledge_executions(
    construct: IConstruct, *, state_machine: aws_stepfunctions.StateMachine, map_label: str | None = None
) -> None:
    """Acknowledge that a construct has permissions on every execution of a state machine.

    Parameters
    ----------
    map_label
        Label of a Distributed Map, for its child executions. Default: the executions of the state machine itself.
    """
    _acknowledge_wildcard(
        construct,
        arn=executions_of(state_machine, map_label=map_label),
        reason="The name of an execution is not known in advance, so the statement can only name the state machine.",
    )


def _acknowledge_wildcard(construct: IConstruct, *, arn: str, reason: str) -> None:
    """Acknowledge that a policy names an ARN that ends with ``*``.

    The finding has the ARN as the template has it. That is known when the app is complete: the name of another stack's
    resource becomes an import of its export only then.
    """
    construct.node.add_validation(_AcknowledgedWildcard(construct, arn, reason))


@jsii.implements(IValidation)
class _AcknowledgedWildcard:
    """Acknowledges a wildcard when the construct is validated, which is after references are resolved."""

    def __init__(self, construct: IConstruct, arn: str, reason: str) -> None:
        self._construct, self._arn, self._reason = construct, arn, reason

    def validate(self) -> list[str]:
        resolved = Stack.of(self._construct).resolve(self._arn)
        acknowledge(self._construct, f"IAM5[Resource::{_text_in_finding(resolved)}]", self._reason)
        return []


def _text_in_finding(value: Any) -> str:
    """Return how a finding shows a part of a template: see cdk-nag's ``flattenCfnReference``."""
    match value:
        case str():
            return value.replace("${", "<").replace("}", ">")
        case {"Fn::Join": [str(delimiter), list(parts)]}:
            return delimiter.join(map(_text_in_finding, parts))
        case {"Fn::Sub": text}:
            return _text_in_finding(text)
        case {"Fn::GetAtt": [resource, attribute]}:
            return f"<{_text_in_finding(resource)}.{_text_in_finding(attribute)}>"
        case {"Fn::ImportValue": name}:
            return _text_in_finding(name)
        case {"Ref": name}:
            return f"<{_text_in_finding(name)}>"
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)
