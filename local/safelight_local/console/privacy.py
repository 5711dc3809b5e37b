"""Removes where a photograph was taken, and who uploaded it, from a report that is sent to somebody."""

import json
from collections.abc import Callable
from typing import Any

REMOVED = "removed"
_OF_A_POSITION = {"latitude", "longitude"}
# "EventBridge event message structure" in the Amazon S3 user guide: the IP address and the AWS account, or the
# service, that made the request.
_OF_A_SENDER = {"source-ip-address", "requester"}
_JSON_BEGINS_WITH = ("{", "[", '"')


def without_positions(value: Any) -> Any:
    """Remove positions from plain values.

    `value`: as read from JSON. Strings that hold JSON are searched too.

    Returns the same with each object that has a latitude and a longitude replaced by the word ``removed``.
    """
    return _replace_objects(value, replace=lambda found: REMOVED if found.keys() >= _OF_A_POSITION else found)


def without_senders(value: Any) -> Any:
    """Remove who sent an upload from plain values.

    `value`: as read from JSON. Strings that hold JSON are searched too.

    Returns the same with each ``source-ip-address`` and each ``requester`` replaced by the word ``removed``.
    """
    return _replace_objects(value, replace=lambda found: found | dict.fromkeys(found.keys() & _OF_A_SENDER, REMOVED))


def _replace_objects(value: Any, *, replace: Callable[[dict[str, Any]], Any]) -> Any:
    if isinstance(value, dict):
        replaced = replace(value)
        if not isinstance(replaced, dict):
            return replaced
        return {key: _replace_objects(item, replace=replace) for key, item in replaced.items()}
    if isinstance(value, list):
        return [_replace_objects(item, replace=replace) for item in value]
    if isinstance(value, str) and value.lstrip().startswith(_JSON_BEGINS_WITH):
        return _replace_in_text(value, replace=replace)
    return value


def _replace_in_text(text: str, *, replace: Callable[[dict[str, Any]], Any]) -> str:
    try:
        read = json.loads(text)
    except ValueError:
        return text
    cleaned = _replace_objects(read, replace=replace)
    return text if cleaned == read else json.dumps(cleaned, ensure_ascii=False)
