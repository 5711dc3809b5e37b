"""Finds the deployed redactions by the outputs of their stacks."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from safelight_contracts.redaction.videos import VIDEO_SUFFIXES
from safelight_local.aws.clients import Clients
from safelight_local.aws.deployment import outputs_of_constructs
from safelight_local.errors import NothingDeployedError, UserError

_DICOM_SUFFIX = ".dcm"


class RedactionKind(StrEnum):
    """What a redaction takes."""

    PHOTO = "photo"
    VIDEO = "video"
    DICOM = "DICOM file"


_CONSTRUCTS = {
    RedactionKind.PHOTO: "RedactionService",
    RedactionKind.VIDEO: "VideoRedaction",
    RedactionKind.DICOM: "DicomDeidentification",
}


def _names(kind: RedactionKind) -> dict[str, str]:
    """Return the names of the outputs of a kind, by the fields of `Redaction`."""
    if kind is RedactionKind.DICOM:
        return _DICOM_NAMES
    title = kind.value.capitalize()
    return {
        "source_bucket": f"{title}SourceBucketName",
        "source_prefix": f"{title}SourcePrefix",
        "destination_bucket": f"Redacted{title}sBucketName",
        "destination_prefix": f"Redacted{title}sPrefix",
        "reviews_bucket": f"{title}ReviewsBucketName",
        "arn": f"{title}RedactionArn",
    }


_DICOM_NAMES = {
    "source_bucket": "DicomSourceBucketName",
    "source_prefix": "DicomSourcePrefix",
    "destination_bucket": "ReleasedDicomBucketName",
    "destination_prefix": "ReleasedDicomPrefix",
    "quarantine_bucket": "DicomQuarantineBucketName",
    "quarantine_prefix": "DicomQuarantinePrefix",
    "key_secret": "DicomKeySecretArn",
    "arn": "DicomDeidentificationArn",
}


OUTPUTS = {
    kind: re.compile(rf"(?P<construct>.+?)(?P<output>{'|'.join(_names(kind).values())})[0-9A-F]{{8}}")
    for kind in RedactionKind
}
"""The library's output names after the construct's id, then the hash that the CDK ends a logical id with."""

_OPTIONAL = ("source_prefix", "destination_prefix", "quarantine_prefix", "reviews_bucket")


@dataclass(frozen=True, kw_only=True)
class Redaction:
    """A deployed redaction.

    Parameters
    ----------
    kind
        What it takes.
    name
        The id of the construct in its app, such as ``Redaction``.
    source_bucket, source_prefix
        Where it takes files, and what their keys begin with. Default of the prefix: nothing.
    destination_bucket, destination_prefix
        Where its results are, and what is put before a file's key. Default of the prefix: nothing.
    quarantine_bucket, quarantine_prefix, key_secret
        Where DICOM files are put aside, what their keys begin with, and the ARN of the key of pseudonyms. Default: it
        takes no DICOM files.
    arn
        Its function or its state machine.
    reviews_bucket
        The private bucket of what is kept for reviews. Default: the redaction keeps nothing for reviews.
    """

    kind: RedactionKind
    name: str
    stack: str
    source_bucket: str
    destination_bucket: str
    arn: str
    source_prefix: str = ""
    destination_prefix: str = ""
    reviews_bucket: str = ""
    quarantine_bucket: str = ""
    quarantine_prefix: str = ""
    key_secret: str = ""

    def destination_key(self, key: str) -> str:
        """Return the key of the result of a file."""
        return f"{self.destination_prefix}{key}"


def deployed_redactions(clients: Clients) -> list[Redaction]:
    """List the redactions of all stacks, in every account and region that there is.

    Returns
    -------
    list of Redaction
        In order of account, region, kind, stack and name.
    """
    return [
        _redaction(kind, stack=stack, name=name, outputs=outputs)
        for there in clients.everywhere
        for kind, pattern in OUTPUTS.items()
        for (stack, name), outputs in sorted(outputs_of_constructs(there, pattern=pattern).items())
        if all(output in outputs for field, output in _names(kind).items() if field not in _OPTIONAL)
    ]


def _redaction(kind: RedactionKind, *, stack: str, name: str, outputs: dict[str, str]) -> Redaction:
    given = {field: outputs[output] for field, output in _names(kind).items() if output in outputs}
    return Redaction(kind=kind, stack=stack, name=name, **given)


def kind_of(path: Path) -> RedactionKind:
    """Return what a file is, by the end of its name: a DICOM file, a video, or else a photograph."""
    suffix = path.suffix.lower()
    if suffix == _DICOM_SUFFIX:
        return RedactionKind.DICOM
    return RedactionKind.VIDEO if suffix in VIDEO_SUFFIXES else RedactionKind.PHOTO


def choose_redaction(redactions: Sequence[Redaction], *, kind: RedactionKind, name: str | None = None) -> Redaction:
    """Choose one of the deployed redactions.

    Parameters
    ----------
    redactions
        All that are deployed.
    kind
        What it must take.
    name
        ``NAME`` or ``STACK/NAME``. Default: the only one that takes this.

    Raises
    ------
    UserError
        If no redaction fits, or several do.
    """
    fitting = [it for it in redactions if it.kind is kind]
    if not fitting:
        raise NothingDeployedError(
            f"nothing that redacts a {kind.value} is deployed: add a {_CONSTRUCTS[kind]} to the CDK app, and run "
            "`safelight up`"
        )
    named = [it for it in fitting if name in (None, it.name, f"{it.stack}/{it.name}")]
    if len(named) == 1:
        return named[0]
    known = ", ".join(f"{it.stack}/{it.name}" for it in fitting)
    if named:
        raise UserError(f"more than one redaction takes a {kind.value}: choose with --service one of {known}")
    raise UserError(f"no redaction {name!r} takes a {kind.value}: choose with --service one of {known}")
