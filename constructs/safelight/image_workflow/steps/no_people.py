"""Looks for people (v5)."""

from dataclasses import replace

from aws_cdk import aws_iam

from safelight.core.step_definition import StepDefinition
from safelight.image_workflow.detectors import DETECTOR_FUNCTIONS
from safelight.image_workflow.settings import StepSettings
from safelight.image_workflow.step_parts import allow_reading_analysis_images, allow_rekognition
from safelight_contracts.detectors import Detector
from safelight_contracts.environment import Variable


def _permit(role: aws_iam.Role, settings: StepSettings) -> None:
    allow_reading_analysis_images(role, settings)
    if DETECTOR_FUNCTIONS[settings.detector].rekognition:
        allow_rekognition(role, "rekognition:DetectLabels")


def _environment(settings: StepSettings) -> dict[str, str]:
    return {Variable.DETECTOR: settings.detector.value}


def _with_detector(definition: StepDefinition[StepSettings], settings: StepSettings) -> StepDefinition[StepSettings]:
    function = DETECTOR_FUNCTIONS[settings.detector]
    return replace(
        definition,
        memory=function.memory,
        timeout=function.timeout,
        layers=function.layers,
        packages=function.packages,
        calls=definition.calls if function.rekognition else frozenset(),
    )


_REKOGNITION = DETECTOR_FUNCTIONS[Detector.REKOGNITION]

STEP = StepDefinition(
    id="NoPeople",
    package="no_people",
    memory=_REKOGNITION.memory,
    timeout=_REKOGNITION.timeout,
    layers=_REKOGNITION.layers,
    arguments=frozenset({"detector"}),
    calls=frozenset({"rekognition:DetectLabels"}),
    environment=_environment,
    permit=_permit,
    adapt=_with_detector,
)
