"""Writes of DynamoDB that are one step each: of two with the same condition, one is refused.

ministack lets the threads of its state machines write at once: between looking
at an item and writing it, another thread may do the same.
"""

import threading
from types import ModuleType

_WRITES = ("_put_item", "_update_item", "_delete_item", "_batch_write_item", "_transact_write_items")


def apply() -> None:
    """Patch the operations of DynamoDB that write."""
    from ministack.services import dynamodb

    write_one_at_a_time(dynamodb)


def write_one_at_a_time(dynamodb: ModuleType) -> None:
    """Put a lock around every operation of DynamoDB's that writes items.

    Parameters
    ----------
    dynamodb : ModuleType
        ``ministack.services.dynamodb``; its functions are replaced.
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
