"""How camera raw is developed, as the workflow says it and as its functions read it."""

from typing import Any

import pytest

import awskit.settings
from safelight import Development, DevelopmentMethod, Highlights, WhiteBalance
from safelight_contracts.development import DEFAULT_DEVELOPMENT

OTHER = Development(
    method=DevelopmentMethod.FULL,
    white_balance=WhiteBalance.GREY_WORLD,
    brightness=0.5,
    highlights=Highlights.RECONSTRUCT,
)


def developments(built: Any) -> dict[str, str | None]:
    found = (function["Environment"]["Variables"] for function in built.resources("AWS::Lambda::Function").values())
    return {variables["POWERTOOLS_SERVICE_NAME"]: variables.get("DEVELOPMENT") for variables in found}


def test_prepare_and_render_get_the_same_development(build: Any) -> None:
    told = developments(build(development=OTHER))
    assert told["prepare"] is not None
    assert {name for name, text in told.items() if text == told["prepare"]} == {"prepare", "render"}
    assert {name for name, text in told.items() if text is None} == told.keys() - {"prepare", "render"}


@pytest.mark.parametrize("development", [OTHER, Development()])
def test_a_function_reads_the_development_of_the_workflow(
    build: Any, monkeypatch: pytest.MonkeyPatch, development: Development
) -> None:
    text = developments(build(development=development))["render"]
    assert text is not None
    monkeypatch.setenv("DEVELOPMENT", text)
    assert awskit.settings.development() == development


def test_without_a_development_functions_use_the_default(build: Any) -> None:
    assert set(developments(build()).values()) == {None}
    assert awskit.settings.development() == DEFAULT_DEVELOPMENT


@pytest.mark.parametrize("brightness", [0.0, 0.09, 10.1, -1.0, float("nan"), float("inf")])
def test_a_brightness_out_of_bounds_is_rejected(brightness: float) -> None:
    with pytest.raises(ValueError, match=r"brightness=.* must be 0\.1 to 10\.0.*Omit it"):
        Development(brightness=brightness)
