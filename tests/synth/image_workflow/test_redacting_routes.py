"""Routes that cover faces, text or plates before renditions are made."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from tests.synth.image_workflow.templates import WorkflowTemplate

from safelight import Detector, Redact, Route, Style, WorkflowVersion
from safelight.image_workflow.routes import encode_routes
from safelight_contracts.redaction.redact import redact_from_json

PLAIN = Route(checks=None)


def detections(built: Any) -> set[str]:
    """The calls of Rekognition that the function of renditions may make."""
    permissions = WorkflowTemplate(built.template.to_json()).permissions()
    (role,) = (name for name in permissions if "RenderRole" in name)
    return {it.action for it in permissions[role] if it.action.startswith("rekognition:")}


def test_what_a_route_covers_reaches_the_state_machine() -> None:
    redact = Redact(plates=True, style=Style.BLUR, padding=0.3)
    text = encode_routes({"street": Route(checks=None, renditions=["tile"], redact=redact)}, default_route=PLAIN)
    document = json.loads(base64.b64decode(text))
    render = document["routes"]["street"]["render"]
    assert render["renditions"] == ["tile"]
    assert redact_from_json(render["redact"]) == redact
    assert document["default"]["render"] == {"redact": None}


@pytest.mark.parametrize(
    ("redact", "calls"),
    [
        (None, set()),
        (Redact(), {"rekognition:DetectFaces"}),
        (Redact(faces=False, plates=True), {"rekognition:DetectText", "rekognition:DetectLabels"}),
    ],
)
def test_renditions_are_made_with_the_permissions_that_the_routes_need(
    build: Any, redact: Redact | None, calls: set[str]
) -> None:
    built = build(version=WorkflowVersion.V5, routes={"park": PLAIN, "street": Route(checks=None, redact=redact)})
    assert detections(built) == calls


def test_a_detector_without_room_in_the_function_is_refused() -> None:
    with pytest.raises(ValueError, match=r"Detector\.OPENCV.*Use Detector\.REKOGNITION.*RedactionService"):
        Route(checks=None, redact=Redact(detector=Detector.OPENCV))


@pytest.mark.parametrize("version", [it for it in WorkflowVersion if it is not WorkflowVersion.V5])
def test_a_version_without_routes_refuses_a_route_that_redacts(build_own: Any, version: WorkflowVersion) -> None:
    with pytest.raises(ValueError, match="routes"):
        build_own(version=version, routes={"street": Route(checks=None, redact=Redact())})


WHOLE = '"render": "{% $route.render %}"'


@pytest.mark.parametrize(
    ("part", "instead", "says"),
    [
        ("${RenderFunctionArn}", "${ResizerFunctionArn}", "ResizerFunctionArn"),
        (WHOLE, '"render": {}', "whole 'render'"),
        (WHOLE, '"render": {"renditions": "{% $route.render.renditions %}"}', "whole 'render'"),
        (WHOLE, '"render": "{% {\'renditions\': $route.render.renditions} %}"', "whole 'render'"),
        (WHOLE, '"renders": "{% $route.render %}"', "whole 'render'"),
    ],
)
def test_a_definition_that_would_not_cover_what_a_route_covers_is_refused(
    build_own: Any, tmp_path: Path, part: str, instead: str, says: str
) -> None:
    path = tmp_path / "own.asl.json"
    path.write_text(WorkflowVersion.V5.definition.read_text().replace(part, instead))
    with pytest.raises(ValueError, match=f"A route has redact.*{says}"):
        build_own(definition=path, default_route=Route(checks=None, redact=Redact()))


def test_a_definition_that_passes_the_route_on_may_redact(build_own: Any, tmp_path: Path) -> None:
    path = tmp_path / "own.asl.json"
    path.write_text(WorkflowVersion.V5.definition.read_text())
    built = build_own(definition=path, default_route=Route(checks=None, redact=Redact()))
    assert detections(built) == {"rekognition:DetectFaces"}
