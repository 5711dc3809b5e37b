"""The detectors of people in an image."""

from enum import StrEnum

DETECTOR_MODELS = "detector_models"
"""Name of the layer with OpenCV's models, and of their folder on the import path."""


class Detector(StrEnum):
    """How the check ``no_people`` detects people. The page on people detectors compares them."""

    REKOGNITION = "REKOGNITION"
    """Amazon Rekognition's labels, at its price for every image (0.001 USD in the first tier of us-east-1)."""
    OPENCV = "OPENCV"
    """Detectors of bodies and faces inside the function. There is no fee for an image, and Lambda costs three
    millionths of a dollar. It misses people who are mostly hidden: it accepted all ten photographs of a man behind a
    board. Use it where a person in an image does no harm."""
    OPENCV_THEN_REKOGNITION = "OPENCV_THEN_REKOGNITION"
    """OPENCV first, and Rekognition where OPENCV is not sure. It costs Lambda's time for every image and Rekognition's
    price for the images that OPENCV is not sure of. Those that it is sure of are not looked at twice."""
