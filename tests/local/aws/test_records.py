"""Reading many items of the records table."""

from types import SimpleNamespace
from typing import Any, cast

from hypothesis import given
from hypothesis import strategies as st
from tests.local.workflows import workflow

from safelight_contracts.records import ItemKey, place_key
from safelight_local.aws.clients import Clients
from safelight_local.aws.records import read_items


class FakeDynamoDB:
    """A fake of BatchGetItem that processes some of the keys of each call, and gives the others back."""

    def __init__(self, *existing: ItemKey, processes: int) -> None:
        self.requests: list[list[ItemKey]] = []
        self._existing = existing
        self._processes = processes

    @property
    def clients(self) -> Clients:
        return cast(Clients, SimpleNamespace(dynamodb=self))

    def batch_get_item(self, *, RequestItems: Any) -> Any:  # noqa: N803 - boto3's name
        ((table, asked),) = RequestItems.items()
        assert table == "records"
        assert asked["ConsistentRead"] is True
        names = [ItemKey(pk=key["pk"]["S"], sk=key["sk"]["S"]) for key in asked["Keys"]]
        self.requests.append(names)
        done, rest = asked["Keys"][: self._processes], asked["Keys"][self._processes :]
        found = [
            key | {"name": {"S": name.pk}} for key, name in zip(done, names, strict=False) if name in self._existing
        ]
        unprocessed = {table: {"Keys": rest, "ConsistentRead": True}} if rest else {}
        return {"Responses": {table: found}, "UnprocessedKeys": unprocessed}


def places(count: int) -> list[ItemKey]:
    return [place_key(f"place-{number}") for number in range(count)]


def test_keys_that_were_not_processed_are_asked_for_again() -> None:
    first, second, third = places(3)
    fake = FakeDynamoDB(first, second, third, processes=1)
    assert list(read_items(fake.clients, workflow=workflow(), names=[first, second, third])) == [first, second, third]
    assert fake.requests == [[first, second, third], [second, third], [third]]


def test_one_call_is_enough_if_it_processes_every_key() -> None:
    fake = FakeDynamoDB(*places(3), processes=100)
    read_items(fake.clients, workflow=workflow(), names=places(3))
    assert fake.requests == [places(3)]


def test_no_keys_make_no_call() -> None:
    fake = FakeDynamoDB(processes=100)
    assert read_items(fake.clients, workflow=workflow(), names=[]) == {}
    assert fake.requests == []


def test_a_key_that_is_given_twice_is_asked_for_once() -> None:
    (place,) = places(1)
    fake = FakeDynamoDB(place, processes=100)
    read_items(fake.clients, workflow=workflow(), names=[place, place])
    assert fake.requests == [[place]]


@given(count=st.integers(0, 250), processes=st.integers(20, 100), existing=st.sets(st.integers(0, 249)))
def test_every_item_that_exists_is_read_in_calls_of_a_hundred_keys_at_most(
    count: int, processes: int, existing: set[int]
) -> None:
    there = [place_key(f"place-{number}") for number in existing]
    fake = FakeDynamoDB(*there, processes=processes)
    found = read_items(fake.clients, workflow=workflow(), names=places(count))
    assert found == {name: {"pk": name.pk, "sk": name.sk, "name": name.pk} for name in places(count) if name in there}
    assert all(len(names) <= 100 for names in fake.requests)
