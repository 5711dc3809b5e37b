"""How the function that looks for people is built for each detector."""

from dataclasses import dataclass

from safelight_contracts.detectors import DETECTOR_MODELS, Detector


@dataclass(frozen=True, kw_only=True)
class DetectorFunction:
    """How the function of the check for people is built for a detector.

    Parameters
    ----------
    memory
        MB. At 1,769, Lambda gives one whole processor, which OpenCV needs.
    timeout
        Seconds, less than the 45 after which the workflow stops waiting for a check.
    layers
        Names of files under ``lambdas/layers/``, and of the models' layer.
    packages
        Under ``lambdas/``, in addition to the step's own and the two that all steps share.
    rekognition
        Whether it needs the permission ``rekognition:DetectLabels``. All read the analysis image from S3.
    """

    memory: int
    timeout: int
    layers: tuple[str, ...]
    packages: tuple[str, ...]
    rekognition: bool


DETECTOR_FUNCTIONS = {
    Detector.REKOGNITION: DetectorFunction(
        memory=512, timeout=30, layers=("powertools",), packages=(), rekognition=True
    ),
    Detector.OPENCV: DetectorFunction(
        memory=1769,
        timeout=30,
        layers=("powertools", "opencv", DETECTOR_MODELS),
        packages=("visionkit",),
        rekognition=False,
    ),
    Detector.OPENCV_THEN_REKOGNITION: DetectorFunction(
        memory=1769,
        timeout=40,
        layers=("powertools", "opencv", DETECTOR_MODELS),
        packages=("visionkit",),
        rekognition=True,
    ),
}
"""How the function is built, by detector."""
