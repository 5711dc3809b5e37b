"""The execution environment of a function after its handler raises an exception."""

from tests.local.lambda_functions import create_function, invoke

from safelight_local.emulator.process import Emulator

COUNTING = "calls = 0\ndef handler(event, context):\n    global calls\n    calls += 1\n"


def test_an_environment_survives_an_exception_of_its_handler(emulator: Emulator) -> None:
    source = f"{COUNTING}    if calls < 3: raise ValueError(calls)\n    return calls\n"
    create_function(emulator.endpoints, name="raises-twice", source=source)
    assert [invoke(emulator.endpoints, "raises-twice")["errorMessage"] for _ in range(2)] == ["1", "2"]
    assert invoke(emulator.endpoints, "raises-twice") == 3


def test_an_environment_whose_process_ends_is_replaced_by_another(emulator: Emulator) -> None:
    source = f"import os\n{COUNTING}    if calls == 2: os._exit(1)\n    return calls\n"
    create_function(emulator.endpoints, name="exits", source=source)
    assert invoke(emulator.endpoints, "exits") == 1
    assert "errorMessage" in invoke(emulator.endpoints, "exits")
    assert invoke(emulator.endpoints, "exits") == 1


def test_an_environment_that_cannot_load_its_function_is_recreated_each_time(emulator: Emulator) -> None:
    create_function(emulator.endpoints, name="broken", source="import nothing_of_that_name\n")
    for _ in range(2):
        assert "nothing_of_that_name" in invoke(emulator.endpoints, "broken")["errorMessage"]
