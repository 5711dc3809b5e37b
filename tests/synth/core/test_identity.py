"""Which references mean one bucket or table, and which resources are in another account or region."""

from collections.abc import Callable
from typing import Any

import pytest
from aws_cdk import App, CfnParameter, Environment, Fn, Stack, aws_dynamodb, aws_s3

from safelight.core.identity import location, same_bucket, same_table, stack_location

ACCOUNT = "111122223333"
BucketPair = Callable[[Stack, Stack], tuple[aws_s3.IBucket, aws_s3.IBucket]]


def imported(stack: Stack, name: str, *, id: str = "Imported") -> aws_s3.IBucket:
    return aws_s3.Bucket.from_bucket_name(stack, id, name)


def twice(stack: Stack, name: str) -> tuple[aws_s3.IBucket, aws_s3.IBucket]:
    return imported(stack, name), imported(stack, name, id="Again")


def itself(one: Stack, _: Stack) -> tuple[aws_s3.IBucket, aws_s3.IBucket]:
    bucket = aws_s3.Bucket(one, "Bucket")
    return bucket, bucket


def made_and_imported_by_its_name(one: Stack, other: Stack) -> tuple[aws_s3.IBucket, aws_s3.IBucket]:
    return aws_s3.Bucket(one, "Bucket", bucket_name="pictures"), imported(other, "pictures")


def made_and_imported_by_its_reference(one: Stack, other: Stack) -> tuple[aws_s3.IBucket, aws_s3.IBucket]:
    bucket = aws_s3.Bucket(one, "Bucket")
    return bucket, imported(other, bucket.bucket_name)


def made_by_its_property_and_imported(one: Stack, other: Stack) -> tuple[aws_s3.IBucket, aws_s3.IBucket]:
    l1 = aws_s3.CfnBucket(one, "Bucket")
    return aws_s3.Bucket.from_cfn_bucket(l1), imported(other, l1.ref)


def imported_by_one_name(one: Stack, other: Stack) -> tuple[aws_s3.IBucket, aws_s3.IBucket]:
    return imported(one, "pictures"), imported(other, "pictures")


def imported_by_one_parameter(one: Stack, _: Stack) -> tuple[aws_s3.IBucket, aws_s3.IBucket]:
    return twice(one, CfnParameter(one, "Name").value_as_string)


def imported_by_one_export(one: Stack, _: Stack) -> tuple[aws_s3.IBucket, aws_s3.IBucket]:
    return twice(one, Fn.import_value("Pictures"))


@pytest.mark.parametrize(
    "pair",
    [
        itself,
        made_and_imported_by_its_name,
        made_and_imported_by_its_reference,
        made_by_its_property_and_imported,
        imported_by_one_name,
        imported_by_one_parameter,
        imported_by_one_export,
    ],
)
def test_references_to_one_bucket_are_found(pair: BucketPair) -> None:
    app = App()
    one, other = pair(Stack(app, "One"), Stack(app, "Other"))
    assert same_bucket(one, other)
    assert same_bucket(other, one)


def made_under_one_id(one: Stack, other: Stack) -> tuple[aws_s3.IBucket, aws_s3.IBucket]:
    return aws_s3.Bucket(one, "Bucket"), aws_s3.Bucket(other, "Bucket")


def made_under_one_name(one: Stack, other: Stack) -> tuple[aws_s3.IBucket, aws_s3.IBucket]:
    # Only one of the stacks can be deployed, or each in its own partition.
    return aws_s3.Bucket(one, "Bucket", bucket_name="pictures"), aws_s3.Bucket(other, "Bucket", bucket_name="pictures")


def imported_by_parameters_of_two_stacks(one: Stack, other: Stack) -> tuple[aws_s3.IBucket, aws_s3.IBucket]:
    first, second = (imported(stack, CfnParameter(stack, "Name").value_as_string) for stack in (one, other))
    return first, second


def imported_by_two_names(one: Stack, other: Stack) -> tuple[aws_s3.IBucket, aws_s3.IBucket]:
    return imported(one, "pictures"), imported(other, "pictures-2")


@pytest.mark.parametrize(
    "pair", [made_under_one_id, made_under_one_name, imported_by_parameters_of_two_stacks, imported_by_two_names]
)
def test_references_to_two_buckets_are_distinguished(pair: BucketPair) -> None:
    app = App()
    one, other = pair(Stack(app, "One"), Stack(app, "Other"))
    assert not same_bucket(one, other)
    assert not same_bucket(other, one)


@pytest.mark.parametrize("pair", [made_under_one_id, made_under_one_name, imported_by_one_name])
def test_buckets_of_two_regions_are_distinguished(pair: BucketPair) -> None:
    app = App()
    environments = [Environment(account=ACCOUNT, region=region) for region in ("eu-west-1", "us-east-1")]
    one, other = (Stack(app, f"In-{environment.region}", env=environment) for environment in environments)
    assert not same_bucket(*pair(one, other))


def test_a_table_is_identified_by_its_construct_or_its_name() -> None:
    stack = Stack(App(), "Photos")
    key = aws_dynamodb.Attribute(name="pk", type=aws_dynamodb.AttributeType.STRING)
    named = aws_dynamodb.Table(stack, "Named", partition_key=key, table_name="records")
    modern = aws_dynamodb.TableV2(stack, "Modern", partition_key=key, table_name="newer-records")
    by_name = aws_dynamodb.Table.from_table_name(stack, "ByName", "records")
    assert same_table(named, named)
    assert same_table(named, by_name)
    assert same_table(modern, aws_dynamodb.Table.from_table_name(stack, "ModernByName", "newer-records"))
    assert not same_table(modern, by_name)


def test_tables_of_one_name_and_two_accounts_are_distinguished() -> None:
    stack = Stack(App(), "Photos")
    one, other = (
        aws_dynamodb.Table.from_table_arn(stack, account, f"arn:aws:dynamodb:eu-west-1:{account}:table/records")
        for account in (ACCOUNT, "444455556666")
    )
    assert same_table(one, one)
    assert not same_table(one, other)


@pytest.mark.parametrize(
    ("attributes", "expected"),
    [
        ({}, f"account {ACCOUNT}, region eu-west-1"),
        ({"region": "us-east-1"}, f"account {ACCOUNT}, region us-east-1"),
        ({"account": "444455556666"}, "account 444455556666, region eu-west-1"),
    ],
)
def test_a_resource_is_in_its_stack_s_account_and_region_unless_its_import_says_otherwise(
    attributes: dict[str, Any], expected: str
) -> None:
    stack = Stack(App(), "Photos", env=Environment(account=ACCOUNT, region="eu-west-1"))
    bucket = aws_s3.Bucket.from_bucket_attributes(stack, "Bucket", bucket_name="pictures", **attributes)
    assert str(location(bucket)) == expected
    assert location(bucket).can_equal(stack_location(stack)) is not bool(attributes)


def test_an_unknown_account_matches_any_account() -> None:
    app = App()
    known = Stack(app, "Known", env=Environment(account=ACCOUNT, region="eu-west-1"))
    half_known = Stack(app, "HalfKnown", env=Environment(region="eu-west-1"))
    assert stack_location(Stack(app, "Anywhere")).can_equal(stack_location(known))
    assert stack_location(half_known).can_equal(stack_location(known))
    assert str(stack_location(half_known)) == "region eu-west-1"
