"""What is shown while the Rekognition stand-in starts."""

from pathlib import Path

from safelight_local.emulator.services import _is_ready
from safelight_local.rekognition import READY

LOG = """\
2026-11-28 10:57:48,179 INFO Found endpoint for s3 via: environment_global.
Safelight: fetching @mediapipe/objectron@0.4.1675468480 for open-images.tflite
INFO: Created TensorFlow Lite XNNPACK delegate for CPU.
"""


def test_lines_of_the_log_are_not_progress(tmp_path: Path) -> None:
    log, shown = tmp_path / "rekognition.log", list[str]()
    log.write_text(LOG)
    assert not _is_ready(log, progress=shown.append)
    assert shown == ["fetching @mediapipe/objectron@0.4.1675468480 for open-images.tflite"]


def test_the_stand_in_is_ready_once_it_says_so(tmp_path: Path) -> None:
    log = tmp_path / "rekognition.log"
    log.write_text(f"{LOG}{READY}\n")
    assert _is_ready(log, progress=lambda _: None)
