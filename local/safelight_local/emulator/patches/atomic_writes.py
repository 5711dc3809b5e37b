"""Atomic writes of DynamoDB.

In ministack, several threads can write to DynamoDB at once. A conditional write checks the item and then writes it, and
another thread may write in between: two writes with the same condition can both succeed.
"""

import threading
from types import ModuleType

_WRITES = ("_put_item", "_update_item", "_delete_item", "_batch_write_item", "_transact_write_items")


def apply() -> None:
    """Patch the operations of DynamoDB that write."""
    from ministack.services import dynamodb

    serialize_writes(dynamodb)


def serialize_writes(dynamodb: ModuleType) -> None:
    """Put a lock around every DynamoDB operation that writes items.

    `dynamodb`: ``ministack.services.dynamodb``. Its functions are replaced.
    """
    lock = threading.RLock()

    def replace(name: str) -> None:
        write = getattr(dynamodb, name)

        def write_alone(request: object) -> object:
            with lock:
                return write(request)

        setattr(dynamodb, name, write_alone)

    for name in _WRITES:
        replace(name)
