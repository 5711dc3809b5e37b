from typing import Any

from safelight_local.aws.redactions import OUTPUTS, RedactionKind


def names(built: Any) -> set[str]:
    pattern = OUTPUTS[RedactionKind.PHOTO]
    found = [match for name in built.document["Outputs"] if (match := pattern.fullmatch(name))]
    assert {match["construct"] for match in found} == {"Redaction"}
    return {match["output"] for match in found}


def test_the_commands_find_a_service_by_its_outputs(build: Any) -> None:
    assert names(build()) == {"PhotoSourceBucketName", "RedactedPhotosBucketName", "PhotoRedactionArn"}


def test_prefixes_are_outputs_when_they_are_set(build: Any) -> None:
    prefixed = names(build(source_prefix="in/", destination_prefix="out/"))
    assert {"PhotoSourcePrefix", "RedactedPhotosPrefix"} <= prefixed
