import sys
import threading
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import pytest
from ministack.services import dynamodb

from safelight_local.emulator.patches.atomic_writes import serialize_writes

TABLE, ROUNDS, CLAIMANTS = "records", 20, 16


@pytest.fixture
def patched() -> Iterator[Any]:
    own = ModuleType("dynamodb")
    own.__dict__.update(vars(dynamodb))
    serialize_writes(own)
    dynamodb._create_table(
        {
            "TableName": TABLE,
            "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
            "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}],
            "BillingMode": "PAY_PER_REQUEST",
        }
    )
    # Threads take turns far more often than they do by themselves.
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    yield own
    sys.setswitchinterval(interval)


def test_one_of_many_concurrent_claims_succeeds(patched: Any) -> None:
    for number in range(ROUNDS):
        together = threading.Barrier(CLAIMANTS)
        answers: list[int] = []

        def claim(number: int = number, together: threading.Barrier = together, answers: Any = answers) -> None:
            request = {
                "TableName": TABLE,
                "Key": {"pk": {"S": str(number)}},
                "UpdateExpression": "SET claimed = :true",
                "ConditionExpression": "attribute_not_exists(claimed)",
                "ExpressionAttributeValues": {":true": {"BOOL": True}},
            }
            together.wait()
            answers.append(patched._update_item(request)[0])

        threads = [threading.Thread(target=claim) for _ in range(CLAIMANTS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(answers) == [200] + [400] * (CLAIMANTS - 1)
