"""A de-identification of the arguments that a test gives, as a template."""

from typing import Any

from tests.synth.redaction.synthesised import SynthesisedRedaction

from safelight import DicomDeidentification

DICOM: Any = DicomDeidentification


class SynthesisedDicom(SynthesisedRedaction):
    """A stack with one de-identification."""

    system = DICOM
    id = "Dicom"
    buckets = ("source", "destination", "quarantine")

    @property
    def dicom(self) -> Any:
        return self.made

    @property
    def layers(self) -> set[str]:
        """The layers of the function, by the ids of their constructs."""
        layers = self.resource("AWS::Lambda::Function")["Layers"]
        return {name.removeprefix("Dicom")[:-8] for layer in layers for name in layer.values()}
