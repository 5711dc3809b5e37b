"""Log groups as targets of rules.

ministack accepts a log group as a target of an EventBridge rule, and delivers nothing to it. Here each event is written
as a message of its own. A target that changes its input still gets nothing.
"""

import json
from collections.abc import Callable
from typing import Any

# A target, an event or a rule.
Properties = dict[str, Any]
_RESOURCE = "log-group:"


def apply() -> None:
    """Patch what delivers an event to a target."""
    from ministack.services import eventbridge

    eventbridge._invoke_target = write_to_log_groups(eventbridge._invoke_target)


def write_to_log_groups(invoke: Callable[..., None]) -> Callable[..., None]:
    """Wrap ministack's delivery so that log groups get the whole event.

    `invoke`: ``ministack.services.eventbridge._invoke_target``.
    """
    from ministack.services import eventbridge

    def invoke_or_write(target: Properties, event: Properties, rule: Properties, view: Any = None) -> None:
        _arn, _partition, service, _region, _account, resource = target["Arn"].split(":", maxsplit=5)
        if service != "logs" or any(name.startswith("Input") and target[name] for name in target):
            invoke(target, event, rule, view)
            return
        delivered = view or eventbridge._pattern_event_view(event)
        _write(resource.removeprefix(_RESOURCE).removesuffix(":*"), json.dumps(delivered.event_with_detail()))

    return invoke_or_write


def _write(group: str, message: str) -> None:
    from ministack.services import cloudwatch_logs

    # The stream's name is of no meaning on AWS either.
    where = {"logGroupName": group, "logStreamName": cloudwatch_logs.new_uuid()}
    cloudwatch_logs._create_log_stream(where)
    cloudwatch_logs._put_log_events(where | {"logEvents": [{"message": message}]})
