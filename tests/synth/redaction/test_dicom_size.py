"""What Lambda unpacks for the function that de-identifies medical images, on the default platform."""

import pytest
from tests.synth.redaction.test_video_sizes import MOST, unpacked

from safelight.core.bundling import function_code, layer_code
from safelight.core.models import text_model_layer_code
from safelight.core.platform import Platform
from safelight.redaction.steps.dicom import STEP


@pytest.mark.thorough
def test_the_decoders_and_the_reader_fit_into_one_function() -> None:
    platform = Platform()
    codes = [
        function_code(f"redaction/{STEP.package}", *STEP.packages, platform=platform),
        text_model_layer_code(),
        *(layer_code(name, platform=platform) for name in STEP.layers),
    ]
    assert unpacked(codes) < MOST
