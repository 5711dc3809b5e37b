"""A customer's KMS key: what services and roles may use it for."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from aws_cdk import Annotations, ArnFormat, Stack, aws_dynamodb, aws_iam, aws_kms
from constructs import Construct

from safelight.core.identity import key_location, stack_location
from safelight.core.service_principals import every_rule, only_for
from safelight_contracts.arguments import implements

# What a reader fills in where the stack does not say it.
_NAMES = {"AWS::Partition": "aws", "AWS::Region": "REGION", "AWS::AccountId": "ACCOUNT"}


def allow_services(
    scope: Construct, key: aws_kms.IKey | None, *, user: str, others: Sequence[aws_iam.PolicyStatement] = ()
) -> None:
    """Allow CloudWatch Logs, log delivery and EventBridge to use a key, for this account and region only.

    A key of another region is refused, as far as its region is known at synth.

    S3, DynamoDB, SQS, Lambda and Step Functions use the key with the permissions of their callers. The policy of an
    imported key cannot be changed, so a warning shows the statements that it needs.

    Parameters
    ----------
    key
        ``None`` needs no permission.
    user
        What uses the key, for messages: ``workflow``.
    others
        Statements that the CDK adds to the policy of a key of the app. The warning shows them too.

    Raises
    ------
    ValueError
        If the key is an alias, or in another region.

    References
    ----------
    https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html
    https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-key-management.html
    https://docs.aws.amazon.com/step-functions/latest/dg/encryption-at-rest.html
    """
    if key is None:
        return
    if implements(key, aws_kms.IAlias):
        # The ARN of an alias identifies no key in an IAM policy, and the CDK drops grants of an imported alias:
        # https://docs.aws.amazon.com/kms/latest/developerguide/cmks-in-iam-policies.html
        raise ValueError(
            "encryption_key is an alias. The policies that allow its use need the ARN of the key. Pass the key itself, "
            "such as Key.from_lookup(self, 'Existing', alias_name='alias/mine')."
        )
    _validate_region(scope, key, user=user)
    statements = _service_statements(scope)
    if all(key.add_to_resource_policy(statement).statement_added for statement in statements):
        return
    needed = [statement.to_json() for statement in (*statements, *others)]
    shown = json.dumps(_plain(Stack.of(scope).resolve(needed)))
    Annotations.of(scope).add_warning_v2(
        "safelight:policy-of-imported-key",
        "encryption_key is imported, so its policy stays as it is. Without these statements, the deployment fails, or "
        f"events and logs are lost (replace words in capitals, such as ACCOUNT and REGION): {shown}",
    )


def _validate_region(scope: Construct, key: aws_kms.IKey, *, user: str) -> None:
    here, there = stack_location(scope), key_location(key)
    # A key of another account can be used, if its policy allows it.
    if not replace(there, account=here.account).can_equal(here):
        raise ValueError(
            f"{scope.node.path}: encryption_key {key.node.path} is in region {there.region}, and the {user} in "
            f"{here.region}. KMS keys encrypt only resources of their own region. Use a key of this region."
        )


def _plain(value: Any) -> Any:
    """Return a resolved value without CloudFormation's functions, for a reader who pastes it elsewhere."""
    match value:
        case {"Ref": str(name)}:
            return _NAMES[name]
        case {"Fn::Join": [str(separator), list(parts)]}:
            return separator.join(_plain(part) for part in parts)
        case dict():
            return {name: _plain(each) for name, each in value.items()}
        case list():
            return [_plain(each) for each in value]
    return value


def allow_table_data(grantee: aws_iam.IGrantable, table: aws_dynamodb.ITable) -> None:
    """Allow a role to use the key of a table, if it has one.

    DynamoDB uses the key with the permissions of its callers. It requires ``kms:Encrypt``, ``kms:Decrypt``,
    ``kms:ReEncrypt*``, ``kms:GenerateDataKey*``, ``kms:DescribeKey`` and ``kms:CreateGrant``. The last is for who makes
    the table: DynamoDB makes its grants on behalf of that principal, which is CloudFormation's.

    References
    ----------
    "Key policy for a customer managed key" and "Using grants to authorize DynamoDB" in
    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/encryption.usagenotes.html
    """
    if table.encryption_key:
        table.encryption_key.grant_encrypt_decrypt(grantee)
        table.encryption_key.grant(grantee, "kms:DescribeKey")


def allow_state_machine_data(grantee: aws_iam.IGrantable, key: aws_kms.IKey | None, *, state_machine_arn: str) -> None:
    """Allow a role what a state machine that is encrypted with a key requires of its own role and of its callers.

    Parameters
    ----------
    key
        The key of the state machine. ``None`` needs no permission.
    state_machine_arn
        Can be a pattern.
    """
    if key is None:
        return
    conditions = {"StringLike": {"kms:EncryptionContext:aws:states:stateMachineArn": state_machine_arn}}
    grantee.grant_principal.add_to_principal_policy(
        aws_iam.PolicyStatement(
            actions=["kms:Decrypt", "kms:GenerateDataKey"], resources=[key.key_arn], conditions=conditions
        )
    )


def allow_log_delivery(grantee: aws_iam.IGrantable, key: aws_kms.IKey, *, scope: Construct) -> None:
    """Allow the role of a state machine that is encrypted with a key to deliver its log."""
    grantee.grant_principal.add_to_principal_policy(
        aws_iam.PolicyStatement(
            actions=["kms:GenerateDataKey"],
            resources=[key.key_arn],
            conditions={"StringLike": {"kms:EncryptionContext:SourceArn": _logs(scope)}},
        )
    )


def _service_statements(scope: Construct) -> list[aws_iam.PolicyStatement]:
    stack = Stack.of(scope)
    log_groups = stack.format_arn(
        service="logs", resource="log-group", resource_name="*", arn_format=ArnFormat.COLON_RESOURCE_NAME
    )
    return [
        _statement(
            f"logs.{stack.region}.amazonaws.com",
            *("kms:Encrypt*", "kms:Decrypt*", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:Describe*"),
            conditions={"ArnLike": {"kms:EncryptionContext:aws:logs:arn": log_groups}},
        ),
        _statement(
            "delivery.logs.amazonaws.com",
            "kms:Decrypt*",
            conditions={"StringLike": {"kms:EncryptionContext:SourceArn": _logs(scope)}},
        ),
        _statement(
            "events.amazonaws.com",
            *("kms:Decrypt", "kms:GenerateDataKey*"),
            conditions=only_for(scope, source_arn=every_rule(scope)),
        ),
    ]


def _statement(service: str, *actions: str, conditions: Mapping[str, object]) -> aws_iam.PolicyStatement:
    return aws_iam.PolicyStatement(
        principals=[aws_iam.ServicePrincipal(service)], actions=list(actions), resources=["*"], conditions=conditions
    )


def _logs(scope: Construct) -> str:
    # The encryption context of log delivery is this text, with the asterisk.
    return Stack.of(scope).format_arn(service="logs", resource="*", arn_format=ArnFormat.NO_RESOURCE_NAME)
