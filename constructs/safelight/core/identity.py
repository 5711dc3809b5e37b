"""Whether references mean one resource, and where a resource is, as far as that is known at synth."""

import json
from dataclasses import dataclass

from aws_cdk import (
    IResource,
    Reference,
    Stack,
    Token,
    Tokenization,
    aws_dynamodb,
    aws_events,
    aws_kms,
    aws_s3,
)
from constructs import IConstruct

_Made = aws_s3.CfnBucket | aws_dynamodb.CfnTable | aws_dynamodb.CfnGlobalTable | aws_events.CfnEventBus


@dataclass(frozen=True, kw_only=True)
class Location:
    """The account and region of a resource. Each can be a token."""

    account: str
    region: str

    def can_equal(self, other: "Location") -> bool:
        """Return whether two locations can be the same."""
        return _can_equal(self.account, other.account) and _can_equal(self.region, other.region)

    def __str__(self) -> str:
        known = {"account": self.account, "region": self.region}
        return ", ".join(f"{what} {value}" for what, value in known.items() if not Token.is_unresolved(value))


def location(resource: IResource) -> Location:
    """Return where a resource is."""
    return Location(account=resource.env.account, region=resource.env.region)


def stack_location(scope: IConstruct) -> Location:
    """Return where the stack of a construct is deployed."""
    stack = Stack.of(scope)
    return Location(account=stack.account, region=stack.region)


def table_location(table: aws_dynamodb.ITable) -> Location:
    """Return where a table is. The CDK does not read it from the ARN of an imported table."""
    return _arn_location(table.table_arn) or location(table)


def key_location(key: aws_kms.IKey) -> Location:
    """Return where a key is. The CDK does not read it from the ARN of an imported key."""
    return _arn_location(key.key_arn) or location(key)


def _arn_location(arn: str) -> Location | None:
    match arn.split(":"):
        case [_, _, _, region, account, _]:
            return Location(account=account, region=region)
    return None


def same_bucket(one: aws_s3.IBucket, other: aws_s3.IBucket) -> bool:
    """Return whether two references mean the same bucket.

    A bucket that the app makes is known by its construct, and an imported one by its name. A name that is a token means
    the same bucket only in one stack: in another stack, its value can be another one.
    """
    names = (_bucket_name(one), _bucket_name(other))
    return _same(one, other, names=names, can_be_together=location(one).can_equal(location(other)))


def same_table(one: aws_dynamodb.ITable, other: aws_dynamodb.ITable) -> bool:
    """Return whether two references mean the same table. It is known like a bucket: see `same_bucket`."""
    names = (_table_name(one), _table_name(other))
    return _same(one, other, names=names, can_be_together=table_location(one).can_equal(table_location(other)))


def bucket_identity(bucket: aws_s3.IBucket) -> tuple[str, ...]:
    """Return what is the same at every synth of the same bucket, and differs for another bucket.

    It is the construct that makes the bucket and the name that it is given, or the name of an imported bucket, which
    can be the text of a token.
    """
    return _identity(bucket, name=_bucket_name(bucket))


def table_identity(table: aws_dynamodb.ITable) -> tuple[str, ...]:
    """Return what is the same at every synth of the same table, and differs for another: see `bucket_identity`."""
    return _identity(table, name=_table_name(table))


def unsettled_bucket_name(bucket: aws_s3.IBucket) -> str | None:
    """Return the name of a bucket if its identity is not all of it: only a deployment knows it, and can change it.

    So do a parameter, an export of another stack and a custom resource. ``None`` for a name that is known at synth, and
    for one that CloudFormation makes up for a bucket of the app.
    """
    return bucket.bucket_name if _is_unsettled(bucket, name=_bucket_name(bucket)) else None


def unsettled_table_name(table: aws_dynamodb.ITable) -> str | None:
    """Return the name of a table if its identity is not all of it: see `unsettled_bucket_name`."""
    return table.table_name if _is_unsettled(table, name=_table_name(table)) else None


def is_made_here(table: aws_dynamodb.ITable) -> bool:
    """Return whether the app makes a table. Other apps can have an imported one too."""
    return _made(table, name=_table_name(table)) is not None


def same_bus(one: aws_events.IEventBus, other: aws_events.IEventBus) -> bool:
    """Return whether two references mean the same event bus. It is known like a bucket: see `same_bucket`."""
    names = (_bus_name(one), _bus_name(other))
    return _same(one, other, names=names, can_be_together=location(one).can_equal(location(other)))


def bus_label(bus: aws_events.IEventBus) -> str:
    """Return the name of an event bus for messages, or its path in the app if the name is not known at synth."""
    return bus.node.path if Token.is_unresolved(_bus_name(bus)) else _bus_name(bus)


def bucket_label(bucket: aws_s3.IBucket) -> str:
    """Return the name of a bucket for messages, or its path in the app if the name is not known at synth."""
    return bucket.node.path if Token.is_unresolved(bucket.bucket_name) else bucket.bucket_name


def _same(one: IResource, other: IResource, *, names: tuple[str, str], can_be_together: bool) -> bool:
    if one.node.addr == other.node.addr:
        return True
    made = [_made(resource, name=name) for resource, name in zip((one, other), names, strict=True)]
    if None not in made:
        return made[0] == made[1]
    return can_be_together and _resolved(one, names[0]) == _resolved(other, names[1])


def _identity(resource: IResource, *, name: str) -> tuple[str, ...]:
    made = _made(resource, name=name)
    if made is None:
        return _resolved(resource, name)
    return (made,) if Token.is_unresolved(name) else (made, name)


def _made(resource: IResource, *, name: str) -> str | None:
    """Return the address of the CloudFormation resource, if it belongs to the app."""
    l1 = _l1(resource, name=name)
    return None if l1 is None else l1.node.addr


def _l1(resource: IResource, *, name: str) -> _Made | None:
    l1 = resource.node.default_child
    if not isinstance(l1, _Made):
        parts = Tokenization.reverse_string(name)
        only = parts.first_token if parts.length == 1 else None
        l1 = only.target if isinstance(only, Reference) else None
    return l1 if isinstance(l1, _Made) else None


def _is_unsettled(resource: IResource, *, name: str) -> bool:
    l1 = _l1(resource, name=name)
    if l1 is None:
        return Token.is_unresolved(name)
    given = _given_name(l1)
    # The CDK gives a token without a value to what CloudFormation is to name.
    return given is not None and Token.is_unresolved(given) and Stack.of(l1).resolve(given) is not None


def _resolved(resource: IResource, name: str) -> tuple[str, ...]:
    if not Token.is_unresolved(name):
        return (name,)
    stack = Stack.of(resource)
    return (stack.node.addr, json.dumps(stack.resolve(name), sort_keys=True))


def _bucket_name(bucket: aws_s3.IBucket) -> str:
    return _name_of_made(bucket) or bucket.bucket_name


def _table_name(table: aws_dynamodb.ITable) -> str:
    return _name_of_made(table) or table.table_name


def _bus_name(bus: aws_events.IEventBus) -> str:
    return _name_of_made(bus) or bus.event_bus_name


def _name_of_made(resource: IResource) -> str | None:
    l1 = resource.node.default_child
    return _given_name(l1) if isinstance(l1, _Made) else None


def _given_name(l1: _Made) -> str | None:
    match l1:
        case aws_s3.CfnBucket():
            return l1.bucket_name
        case aws_dynamodb.CfnTable() | aws_dynamodb.CfnGlobalTable():
            return l1.table_name
        case aws_events.CfnEventBus():
            return l1.name


def _can_equal(one: str, other: str) -> bool:
    return one == other or Token.is_unresolved(one) or Token.is_unresolved(other)
