import dataclasses

import pytest
from tests.local.deliveries import URL, deploy_delivery, settings

from safelight_local.aws.deliveries import Delivery, choose_delivery, deployed_deliveries
from safelight_local.emulator.process import Emulator
from safelight_local.errors import NothingDeployedError, UserError


def delivery(*, stack: str = "Site", name: str = "Cdn") -> Delivery:
    return Delivery(
        name=name, stack=stack, url=URL, function_arn="arn", settings=settings(scope=f"{stack}.{name}"), key_store=None
    )


def test_a_delivery_is_found_by_outputs_with_the_settings_of_its_function(emulator: Emulator) -> None:
    stage = deploy_delivery(emulator.endpoints)
    deploy_delivery(emulator.endpoints, stack="Other")
    (found,) = deployed_deliveries(emulator.endpoints, stack="Site")
    assert (found.stack, found.name, found.url) == ("Site", "Cdn", URL)
    assert found.settings == settings(keys_secret=stage.secret)
    assert found.key_store == stage.store
    assert [it.stack for it in deployed_deliveries(emulator.endpoints)] == ["Other", "Site"]


def test_the_only_delivery_needs_no_name() -> None:
    assert choose_delivery([delivery()]) == delivery()


@pytest.mark.parametrize("name", ["B.Cdn", "B/Cdn"])
def test_a_delivery_is_chosen_by_its_scope_or_by_stack_and_name(name: str) -> None:
    assert choose_delivery([delivery(stack="A"), delivery(stack="B")], name=name).stack == "B"


@pytest.mark.parametrize(("name", "says"), [(None, "more than one"), ("Cdn", "more than one"), ("None", "there is no")])
def test_a_name_that_does_not_choose_one_is_rejected_with_the_names(name: str | None, says: str) -> None:
    with pytest.raises(UserError, match=rf"{says} .*choose with --delivery one of A/Cdn, B/Cdn"):
        choose_delivery([delivery(stack="A"), delivery(stack="B")], name=name)


def test_no_delivery_is_reported() -> None:
    with pytest.raises(NothingDeployedError, match="no image delivery is deployed"):
        choose_delivery([])


def test_a_delivery_does_not_show_a_key() -> None:
    assert "secret" not in {field.name for field in dataclasses.fields(Delivery)}
