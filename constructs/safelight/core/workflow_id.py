"""The id that identifies a workflow's items in a table that workflows share."""

import re
from hashlib import sha256

from aws_cdk import Stack
from constructs import Construct

_MAX_LENGTH = 64
_DIGITS = 8
_UNSAFE = re.compile(r"[^A-Za-z0-9_-]+")


def workflow_id(scope: Construct) -> str:
    """Return a workflow's id: the name of its stack and its path there.

    It stays the same as long as neither is renamed, even if the state machine is replaced. It has no ``#``, and at most
    64 characters. Dots separate the names, because names of stacks have none.
    """
    stack = _outermost(Stack.of(scope))
    inside = [node.node.id for node in scope.node.scopes if stack in node.node.scopes and node is not stack]
    parts = [stack.stack_name, *inside]
    readable = ".".join(_UNSAFE.sub("-", part) for part in parts)
    if readable == ".".join(parts) and len(readable) <= _MAX_LENGTH:
        return readable
    digest = sha256("/".join(parts).encode()).hexdigest()[:_DIGITS]
    return f"{readable[: _MAX_LENGTH - _DIGITS - 1]}-{digest}"


def _outermost(stack: Stack) -> Stack:
    # A nested stack gets a new name when it is replaced.
    return stack if stack.nested_stack_parent is None else _outermost(stack.nested_stack_parent)
