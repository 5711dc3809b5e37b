"""Rules that the template of every version keeps."""

from collections.abc import Callable

import pytest
from tests.synth.image_workflow.templates import Permission, WorkflowTemplate, referenced

from safelight import ImageType, WorkflowVersion

Templates = Callable[[WorkflowVersion], WorkflowTemplate]

each_version = pytest.mark.parametrize("version", list(WorkflowVersion), ids=lambda version: version.value)

DECRYPT = {"kms:Decrypt"}
ENCRYPT = {"kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*"}
KEY_ACTIONS: dict[str, set[str]] = {
    "s3:GetObject": DECRYPT,
    "s3:GetObjectVersion": DECRYPT,
    "s3:PutObject": ENCRYPT,
    "dynamodb:GetItem": DECRYPT,
    "dynamodb:Query": DECRYPT,
    "dynamodb:PutItem": DECRYPT | ENCRYPT,
    "dynamodb:UpdateItem": DECRYPT | ENCRYPT,
    "dynamodb:DeleteItem": DECRYPT | ENCRYPT,
    "dynamodb:ConditionCheckItem": DECRYPT,
}
"""What a principal must be allowed to do with the key of an encrypted bucket or table to take each action.

"Protecting data with SSE-KMS" in the developer guide of S3, "Authorizing use of your key" in that of DynamoDB.
"""

BROUGHT = {"UploadsKey": ":::uploads/", "PublishedKey": ":::published/", "RecordsKey": ":table/records"}
"""What is encrypted with each key, as it stands in ARNs."""


@each_version
def test_a_state_waits_longer_than_each_function_that_it_invokes(
    every_function: Templates, version: WorkflowVersion
) -> None:
    template = every_function(version)
    assert template.invocations
    for name, functions in template.invocations.items():
        assert functions, f"{name} invokes no function"
        for function, properties in functions.items():
            assert properties["Timeout"] < template.states[name]["TimeoutSeconds"], (name, function)


@each_version
def test_every_function_that_a_definition_names_is_invoked(every_function: Templates, version: WorkflowVersion) -> None:
    template = every_function(version)
    invoked = {function for functions in template.invocations.values() for function in functions}
    substituted = referenced(template.machine["DefinitionSubstitutions"])
    versions = template.resources("AWS::Lambda::Version")
    assert {name for made in versions.keys() & substituted for name in referenced(versions[made])} == invoked


@each_version
def test_every_function_has_its_own_role(every_function: Templates, version: WorkflowVersion) -> None:
    template = every_function(version)
    roles = [next(iter(referenced(function["Role"]))) for function in template.functions.values()]
    roles += referenced(template.machine["RoleArn"])
    assert len(roles) == len(set(roles))
    assert set(roles) <= template.permissions().keys()


@each_version
def test_no_role_has_a_managed_policy(every_function: Templates, version: WorkflowVersion) -> None:
    for name, role in every_function(version).resources("AWS::IAM::Role").items():
        assert "ManagedPolicyArns" not in role, name


@each_version
def test_every_function_logs_to_a_group_of_its_own_that_it_may_write_to(
    every_function: Templates, version: WorkflowVersion
) -> None:
    template = every_function(version)
    groups = [function["LoggingConfig"]["LogGroup"]["Ref"] for function in template.functions.values()]
    assert len(groups) == len(set(groups))
    for function, group in zip(template.functions.values(), groups, strict=True):
        (role,) = referenced(function["Role"])
        written = {it.action for it in template.permissions()[role] if f'"{group}"' in it.on}
        assert written == {"logs:CreateLogStream", "logs:PutLogEvents"}


@each_version
def test_every_function_may_send_its_traces(every_function: Templates, version: WorkflowVersion) -> None:
    template = every_function(version)
    for function in template.functions.values():
        (role,) = referenced(function["Role"])
        actions = {it.action for it in template.permissions()[role]}
        assert {"xray:PutTraceSegments", "xray:PutTelemetryRecords"} <= actions


SMALLEST_SIDE = {WorkflowVersion.V3: 800, WorkflowVersion.V4: 500, WorkflowVersion.V5: 500}
ACCEPTED = {
    WorkflowVersion.V3: {ImageType.JPEG},
    WorkflowVersion.V4: {ImageType.JPEG},
    WorkflowVersion.V5: set(ImageType),
}
"""What a version accepts unless told otherwise. Those before v3 look at neither."""


@each_version
def test_a_version_keeps_its_accepted_types_and_sides(every_function: Templates, version: WorkflowVersion) -> None:
    template = every_function(version)
    types = [set(map(ImageType, told.split(","))) for told in template.told("ALLOWED_TYPES")]
    sides = [int(told) for told in template.told("MIN_PIXELS")]
    assert types == ([ACCEPTED[version]] if version in ACCEPTED else [])
    assert sides == ([SMALLEST_SIDE[version]] if version in SMALLEST_SIDE else [])


@each_version
def test_only_roles_that_use_encrypted_data_may_use_its_key(brought_along: Templates, version: WorkflowVersion) -> None:
    template = brought_along(version)
    users: dict[str, set[str]] = {key: set() for key in BROUGHT}
    for role, permissions in template.permissions().items():
        for key, encrypted in BROUGHT.items():
            needed = needed_of_key(permissions, encrypted=encrypted)
            granted = {it.action for it in permissions if f'"{key}' in it.on}
            assert needed <= granted, f"{role} lacks {sorted(needed - granted)} on {key}"
            assert needed or not granted, f"{role} needs nothing of {key}"
            users[key] |= {role} if needed else set()
    machine = next(iter(referenced(template.machine["RoleArn"])))
    assert machine in users["RecordsKey"]
    assert all(len(roles) > 1 for roles in (users["UploadsKey"], users["RecordsKey"]))
    assert users["PublishedKey"]


def needed_of_key(permissions: set[Permission], *, encrypted: str) -> set[str]:
    """Return what a role needs to do with the key of a resource, by what it may do with the resource."""
    needed: set[str] = set()
    for permission in permissions:
        if encrypted in permission.on:
            needed |= KEY_ACTIONS.get(permission.action, set())
    return needed
