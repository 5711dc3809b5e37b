"""Transactions of the emulator's DynamoDB: all or nothing, with reasons."""

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError
from tests.local.emulator_clients import client

from safelight_local.emulator.process import Emulator

TABLE = "records"
CLAIMANTS = 8


class Table:
    """A table of counters."""

    def __init__(self, emulator: Emulator) -> None:
        self.dynamodb = client(emulator.endpoints, "dynamodb")
        self.dynamodb.create_table(
            TableName=TABLE,
            KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
        )

    def put(self, pk: str, count: int) -> None:
        self.dynamodb.put_item(TableName=TABLE, Item={"pk": {"S": pk}, "n": {"N": str(count)}})

    def count(self, pk: str) -> int | None:
        item = self.dynamodb.get_item(TableName=TABLE, Key={"pk": {"S": pk}}, ConsistentRead=True).get("Item")
        return int(item["n"]["N"]) if item else None

    def write(self, *operations: dict[str, Any]) -> list[dict[str, Any]]:
        """Write all, or return the reasons."""
        try:
            self.dynamodb.transact_write_items(TransactItems=list(operations))
        except ClientError as error:
            response: Any = error.response
            return list(response["CancellationReasons"])
        return []


@pytest.fixture(scope="module")
def table(emulator: Emulator) -> Iterator[Table]:
    made = Table(emulator)
    yield made
    made.dynamodb.close()


def delete(pk: str, **more: Any) -> dict[str, Any]:
    return {"Delete": {"TableName": TABLE, "Key": {"pk": {"S": pk}}, **more}}


def check(pk: str, *, count: int, **more: Any) -> dict[str, Any]:
    return {"ConditionCheck": {"TableName": TABLE, "Key": {"pk": {"S": pk}}, **counted(count), **more}}


def put_new(pk: str) -> dict[str, Any]:
    item = {"pk": {"S": pk}, "n": {"N": "1"}}
    return {"Put": {"TableName": TABLE, "Item": item, "ConditionExpression": "attribute_not_exists(pk)"}}


def increase(pk: str, *, count: int, **more: Any) -> dict[str, Any]:
    condition = counted(count)
    condition["ExpressionAttributeValues"][":one"] = {"N": "1"}
    update = {"UpdateExpression": "SET n = n + :one", **condition, **more}
    return {"Update": {"TableName": TABLE, "Key": {"pk": {"S": pk}}, **update}}


def counted(count: int) -> dict[str, Any]:
    return {"ConditionExpression": "n = :n", "ExpressionAttributeValues": {":n": {"N": str(count)}}}


def test_operations_of_every_kind_are_written_together(table: Table) -> None:
    for pk in ("all/deleted", "all/checked", "all/increased"):
        table.put(pk, 1)
    assert (
        table.write(
            delete("all/deleted"),
            check("all/checked", count=1),
            put_new("all/new"),
            increase("all/increased", count=1),
        )
        == []
    )
    assert [table.count(f"all/{name}") for name in ("deleted", "checked", "new", "increased")] == [None, 1, 1, 2]


def test_a_failed_condition_cancels_the_transaction_with_a_reason_per_operation(table: Table) -> None:
    for pk in ("none/kept", "none/checked", "none/same"):
        table.put(pk, 1)
    reasons = table.write(
        delete("none/kept"),
        check("none/checked", count=2, ReturnValuesOnConditionCheckFailure="ALL_OLD"),
        put_new("none/new"),
        increase("none/same", count=7),
    )
    assert [it["Code"] for it in reasons] == ["None", "ConditionalCheckFailed", "None", "ConditionalCheckFailed"]
    assert [it.get("Item", {}).get("n") for it in reasons] == [None, {"N": "1"}, None, None]
    assert [table.count(f"none/{name}") for name in ("kept", "checked", "new", "same")] == [1, 1, None, 1]


def test_a_failed_condition_on_a_missing_item_returns_no_item(table: Table) -> None:
    (reason,) = table.write(increase("absent", count=1, ReturnValuesOnConditionCheckFailure="ALL_OLD"))
    assert (reason["Code"], "Item" in reason) == ("ConditionalCheckFailed", False)


def test_one_of_many_concurrent_transactions_succeeds(table: Table) -> None:
    table.put("raced", 1)
    together = threading.Barrier(CLAIMANTS)
    refused: list[list[dict[str, Any]]] = []

    def claim(number: int) -> Callable[[], None]:
        def run() -> None:
            together.wait()
            refused.append(table.write(increase("raced", count=1), put_new(f"raced/{number}")))

        return run

    threads = [threading.Thread(target=claim(number)) for number in range(CLAIMANTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [len(reasons) for reasons in sorted(refused, key=len)] == [0] + [2] * (CLAIMANTS - 1)
    assert table.count("raced") == 2
    assert sum(table.count(f"raced/{number}") == 1 for number in range(CLAIMANTS)) == 1
