from typing import Any

from safelight import Signing
from safelight_local.aws.deliveries import OUTPUT


def test_the_commands_find_a_delivery_by_its_outputs(build: Any) -> None:
    outputs = build(signing=Signing.OPTIONAL).document["Outputs"]
    found = [match for name in outputs if (match := OUTPUT.fullmatch(name))]
    assert {match["construct"] for match in found} == {"Cdn"}
    assert {match["output"] for match in found} == {"DeliveryUrl", "MakeFunctionArn", "KeyValueStoreArn"}
