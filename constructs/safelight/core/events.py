"""EventBridge rules: S3 events, and the executions that events start."""

import json
from collections.abc import Iterator, Sequence

from aws_cdk import (
    Duration,
    RemovalPolicy,
    Token,
    aws_events,
    aws_events_targets,
    aws_iam,
    aws_kms,
    aws_s3,
    aws_sqs,
    aws_stepfunctions,
)
from constructs import Construct

from safelight.core.encryption import allow_state_machine_data
from safelight.core.permissions import start_executions
from safelight.core.queues import dead_letter_queue
from safelight.core.service_principals import event_bridge

# EventBridge's maximums, which are also its defaults: it tries an event for a day, 185 times.
_MAX_EVENT_AGE = Duration.hours(24)
_MAX_ATTEMPTS = 185

# "Amazon EventBridge quotas": the characters of an event pattern.
_MAX_PATTERN = 2048
# "General purpose bucket naming rules".
_LONGEST_BUCKET_NAME = 63
# EventBridge refuses a pattern with "Rule is too complex", and does not document the limit. It took a pattern of
# complexity 9 and refused one of 12, by the measure of `_complexity`: https://github.com/vals-ai/Valkyrie/pull/278.
_MAX_COMPLEXITY = 10


def object_events(
    detail_type: str, *, bucket: aws_s3.IBucket, key_prefix: str, key_suffixes: Sequence[str]
) -> list[aws_events.EventPattern]:
    """Match S3's events of one type, such as ``Object Created``, on objects by their keys.

    Parameters
    ----------
    key_prefix
        What keys begin with. Can be empty.
    key_suffixes
        Keys end with one of these. None of them: every key. A wildcard ``*`` must not be among the characters.

    Returns
    -------
    list of EventPattern
        Each is for a rule of its own. With a prefix and many suffixes, one pattern would be too complex.

    Raises
    ------
    ValueError
        If a pattern is longer or more complex than EventBridge allows.
    """
    patterns = []
    for keys in _matching_keys(key_prefix, key_suffixes):
        length = _length([detail_type], buckets=[bucket], keys=keys)
        if length > _MAX_PATTERN:
            raise ValueError(
                f"key_prefix with {len(keys)} key_suffixes makes an event pattern of {length} characters, and "
                f"EventBridge allows {_MAX_PATTERN}. Use fewer suffixes, or a shorter prefix."
            )
        patterns.append(_pattern([detail_type], buckets=[bucket], keys=keys))
    return patterns


def events_of_buckets(
    detail_types: Sequence[str], *, buckets: Sequence[aws_s3.IBucket], key_prefix: str
) -> aws_events.EventPattern:
    """Match S3's events of several types on the objects of several buckets, in one pattern.

    A target's policy often has a statement for each rule, and SQS allows 20 of them.

    Parameters
    ----------
    key_prefix
        What keys begin with. Can be empty.

    Raises
    ------
    ValueError
        If the pattern is longer than EventBridge allows.
    """
    (keys,) = _matching_keys(key_prefix, ())
    length = _length(detail_types, buckets=buckets, keys=keys)
    if length > _MAX_PATTERN:
        raise ValueError(
            f"{len(buckets)} buckets with key_prefix make an event pattern of {length} characters, and EventBridge "
            f"allows {_MAX_PATTERN}. Use fewer buckets, or a shorter prefix."
        )
    return _pattern(detail_types, buckets=buckets, keys=keys)


def _pattern(
    detail_types: Sequence[str], *, buckets: Sequence[aws_s3.IBucket], keys: list[dict[str, str]]
) -> aws_events.EventPattern:
    detail = {
        "bucket": {"name": [bucket.bucket_name for bucket in buckets]},
        **({"object": {"key": keys}} if keys else {}),
    }
    return aws_events.EventPattern(source=["aws.s3"], detail_type=list(detail_types), detail=detail)


def _matching_keys(prefix: str, suffixes: Sequence[str]) -> list[list[dict[str, str]]]:
    # A prefix and a suffix in one list are alternatives. Only a wildcard demands both.
    if prefix and suffixes:
        return [[{"wildcard": f"{prefix}*{suffix}"} for suffix in group] for group in _groups(suffixes)]
    if prefix:
        return [[{"prefix": prefix}]]
    return [[{"suffix": suffix} for suffix in suffixes]]


def _groups(suffixes: Sequence[str]) -> Iterator[list[str]]:
    """Divide suffixes, so that the wildcards of each group are not too complex for one pattern."""
    group: list[str] = []
    for suffix in suffixes:
        if _complexity([suffix]) > _MAX_COMPLEXITY:
            raise ValueError(
                f"key_suffixes has {suffix!r}, which repeats itself too often for EventBridge to match it together "
                "with key_prefix. Use a shorter suffix, or omit key_prefix."
            )
        if group and _complexity([*group, suffix]) > _MAX_COMPLEXITY:
            yield group
            group = []
        group.append(suffix)
    yield group


def _complexity(suffixes: Sequence[str]) -> int:
    """Return the most beginnings of ``*{suffix}`` that can match one text at the same time.

    It is twice the number of suffixes if all begin with a dot: each matches with its wildcard, and with its dot.
    ``MachineComplexityEvaluator`` in https://github.com/aws/event-ruler counts the same.
    """
    beginnings = [suffix[:length] for suffix in suffixes for length in range(len(suffix) + 1)]
    return max(sum(text.endswith(beginning) for beginning in beginnings) for text in set(beginnings))


def _length(detail_types: Sequence[str], *, buckets: Sequence[aws_s3.IBucket], keys: list[dict[str, str]]) -> int:
    """Return the most characters of a pattern. The names of new buckets are not known yet."""
    names = [
        "x" * _LONGEST_BUCKET_NAME if Token.is_unresolved(bucket.bucket_name) else bucket.bucket_name
        for bucket in buckets
    ]
    detail = {"bucket": {"name": names}, "object": {"key": keys}}
    pattern = {"source": ["aws.s3"], "detail-type": list(detail_types), "detail": detail}
    return len(json.dumps(pattern, separators=(",", ":")))


def start_on_event(
    scope: Construct,
    id: str,
    *,
    description: str,
    event_patterns: Sequence[aws_events.EventPattern],
    role_description: str,
    state_machine: aws_stepfunctions.IStateMachine,
    live: aws_stepfunctions.CfnStateMachineAlias,
    encryption_key: aws_kms.IKey | None,
    removal_policy: RemovalPolicy,
) -> tuple[list[aws_events.Rule], aws_sqs.Queue]:
    """Make rules that start an execution for each event, and the queue of events that could not be delivered.

    Parameters
    ----------
    event_patterns
        Each has its own rule.
    live
        The alias that the rules start.
    encryption_key
        The key of the state machine and of the queue. Default: keys of AWS.
    """
    dead_letters = dead_letter_queue(
        scope, f"{id}DeadLetters", encryption_key=encryption_key, removal_policy=removal_policy
    )
    starter = aws_iam.Role(
        scope,
        f"{id}StarterRole",
        assumed_by=event_bridge(scope),
        description=role_description,
    )
    starter.add_to_policy(start_executions(state_machine))
    allow_state_machine_data(starter, encryption_key, state_machine_arn=state_machine.state_machine_arn)
    target = aws_events_targets.SfnStateMachine(
        state_machine,
        # The CDK's own grant would allow every version, and the unreleased definition.
        role=starter.without_policy_updates(),
        dead_letter_queue=dead_letters,
        retry_attempts=_MAX_ATTEMPTS,
        max_event_age=_MAX_EVENT_AGE,
    )
    rules = make_rules(scope, id, description=description, event_patterns=event_patterns, target=target)
    for rule in rules:
        # EventBridge does not retry an event that it has no permission to deliver.
        rule.node.add_dependency(starter)
        l1 = rule.node.default_child
        assert isinstance(l1, aws_events.CfnRule)  # noqa: S101
        # The CDK's target supports state machines, but not aliases.
        l1.add_property_override("Targets.0.Arn", live.ref)
    return rules, dead_letters


def make_rules(
    scope: Construct,
    id: str,
    *,
    description: str,
    event_patterns: Sequence[aws_events.EventPattern],
    target: aws_events.IRuleTarget,
) -> list[aws_events.Rule]:
    """Make a rule with one target for each pattern. Ids are ``id``, then ``id`` with a number from 2."""
    return [
        aws_events.Rule(
            scope,
            id if number == 1 else f"{id}{number}",
            description=description,
            event_pattern=pattern,
            targets=[target],
        )
        for number, pattern in enumerate(event_patterns, start=1)
    ]
