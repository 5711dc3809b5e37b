"""What looks for people in an image, and what a function needs for each."""

from dataclasses import dataclass
from enum import Enum

DETECTOR_MODELS = "detector_models"
"""Name of the layer with the models that OpenCV looks with."""


class Detector(Enum):
    """What the check for people asks. `docs/detectors.md` has all three on the same photographs."""

    REKOGNITION = "REKOGNITION"
    """Amazon Rekognition's labels, at its price for every image looked at (0.001 USD in the first tier of
    us-east-1). Gives up nothing but that, and the image leaves the function for Rekognition."""
    OPENCV = "OPENCV"
    """A detector of bodies and one of faces inside the function: no fee an image, three millionths of a dollar of
    Lambda. Gives up people who are mostly hidden: it accepted all ten photographs of a man behind a board, so it fits
    where a person in an image is a blemish and no harm."""
    OPENCV_THEN_REKOGNITION = "OPENCV_THEN_REKOGNITION"
    """OPENCV first; Rekognition is asked where that is neither sure of a person nor sure that there is nobody. Costs
    Lambda's time for every image and Rekognition's price for the unsure ones. Gives up a second look at images that
    OPENCV is sure of."""

    @property
    def function(self) -> "DetectorFunction":
        """What the ``no_people`` function needs."""
        return _FUNCTIONS[self]


@dataclass(frozen=True, kw_only=True)
class DetectorFunction:
    """How the function of the check for people is built for a detector.

    Parameters
    ----------
    memory
        MB. At 1,769 Lambda gives one whole processor, which is what OpenCV is given to work with.
    timeout
        Seconds, less than the 45 after which the workflow gives a check up.
    layers
        Names of files under ``lambdas/layers/``, and of the models' layer.
    packages
        Under ``lambdas/``, beside the step's own and the two that all steps share.
    rekognition
        Whether it must be allowed ``rekognition:DetectLabels``. All read the analysis image from S3.
    """

    memory: int
    timeout: int
    layers: tuple[str, ...]
    packages: tuple[str, ...]
    rekognition: bool


_FUNCTIONS = {
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
