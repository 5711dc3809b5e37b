"""What a de-identification makes, may do, and refuses."""

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from aws_cdk import Stack, aws_kms, aws_s3, aws_secretsmanager, aws_sns
from tests.synth.delivery.test_least_privilege import EVERYWHERE, named
from tests.synth.image_workflow.nag import findings
from tests.synth.image_workflow.templates import WorkflowTemplate
from tests.synth.redaction.dicom import SynthesisedDicom

from safelight import Architecture, Platform

BuildDicom = Callable[..., SynthesisedDicom]
PREFIXES = {"source_prefix": "in/", "destination_prefix": "out/", "quarantine_prefix": "aside/"}
PERMITTED = {
    ("s3:GetObject", "Source/in/*"),
    ("s3:GetObjectVersion", "Source/in/*"),
    ("s3:ListBucket", "Source"),
    *((f"s3:{action}", "Destination/out/*") for action in ("GetObject", "PutObject", "DeleteObject")),
    ("s3:ListBucket", "Destination"),
    *(
        (f"s3:{action}", "Quarantine/aside/*")
        for action in ("GetObject", "PutObject", "PutObjectTagging", "DeleteObject")
    ),
    ("s3:ListBucket", "Quarantine"),
    ("secretsmanager:GetSecretValue", "DicomKey"),
    ("events:PutEvents", "Bus"),
    *(
        (f"sqs:{action}", "DicomUploadsQueue")
        for action in (
            *("ReceiveMessage", "ChangeMessageVisibility", "GetQueueUrl", "DeleteMessage", "GetQueueAttributes"),
        )
    ),
}


@pytest.fixture
def build_dicom(tmp_path_factory: pytest.TempPathFactory) -> BuildDicom:
    """Build a de-identification."""
    return lambda **arguments: SynthesisedDicom(outdir=tmp_path_factory.mktemp("dicom"), arguments=arguments)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> SynthesisedDicom:
    """A de-identification with prefixes and alarms, and defaults otherwise."""
    return SynthesisedDicom(outdir=tmp_path_factory.mktemp("dicom"), arguments={**PREFIXES, "alarm_topic": topic})


def topic(stack: Stack) -> aws_sns.ITopic:
    return aws_sns.Topic.from_topic_arn(stack, "Topic", "arn:aws:sns:eu-west-1:111122223333:ops")


def allowed(built: SynthesisedDicom) -> set[tuple[str, str]]:
    """What the role of the function may do, each resource by the id of its construct. The bus is ``Bus``."""
    permissions = WorkflowTemplate(built.document).permissions()
    (role,) = (name for name in permissions if name.startswith("DicomDicomRole"))
    return {
        (it.action, "Bus" if it.action == "events:PutEvents" else named(json.loads(it.on))) for it in permissions[role]
    }


def test_the_function_may_do_what_its_work_needs_and_nothing_more(built: SynthesisedDicom) -> None:
    assert allowed(built) == EVERYWHERE | PERMITTED


def test_cdk_nag_finds_nothing_that_is_not_acknowledged(build_dicom: BuildDicom) -> None:
    built = build_dicom(**PREFIXES, alarm_topic=topic)
    assert findings(built.app, below="Test/Dicom") == []


def test_every_alarm_notifies_the_topic(built: SynthesisedDicom) -> None:
    alarms = built.resources("AWS::CloudWatch::Alarm")
    assert len(alarms) == len(built.dicom.alarms) == 3
    assert all(alarm["AlarmActions"] for alarm in alarms)


def test_the_key_of_pseudonyms_is_random_and_in_no_template(built: SynthesisedDicom) -> None:
    secret = built.resource("AWS::SecretsManager::Secret")
    assert secret["GenerateSecretString"] == {"PasswordLength": 64, "ExcludePunctuation": True}
    assert "SecretString" not in secret


def test_only_a_message_that_fails_is_delivered_again_and_at_last_is_a_dead_letter(built: SynthesisedDicom) -> None:
    mapping = built.resource("AWS::Lambda::EventSourceMapping")
    assert (mapping["FunctionResponseTypes"], mapping["BatchSize"]) == (["ReportBatchItemFailures"], 1)
    assert mapping["ScalingConfig"] == {"MaximumConcurrency": 10}
    (policy,) = (queue["RedrivePolicy"] for queue in built.resources("AWS::SQS::Queue") if "RedrivePolicy" in queue)
    assert policy["maxReceiveCount"] == 10


def test_the_outputs_name_its_parts(built: SynthesisedDicom) -> None:
    names = {re.sub("^Dicom(.*)[0-9A-F]{8}$", r"\1", name) for name in built.document["Outputs"]}
    assert names == {
        *("DicomSourceBucketName", "DicomSourcePrefix", "ReleasedDicomBucketName", "ReleasedDicomPrefix"),
        *("DicomQuarantineBucketName", "DicomQuarantinePrefix", "DicomKeySecretArn", "DicomDeidentificationArn"),
        "RedactionDeadLettersArn",
    }


def test_the_models_of_the_reader_are_a_layer(built: SynthesisedDicom) -> None:
    assert built.layers == {"PowertoolsLayer", "DicomLayer", "TextModelsLayer"}


def test_without_a_reader_there_are_no_models(build_dicom: BuildDicom) -> None:
    assert build_dicom(find_text=False).layers == {"PowertoolsLayer", "DicomLayer"}


@pytest.mark.parametrize(
    ("secret", "resource"),
    [
        ("arn:aws:secretsmanager:eu-west-1:111122223333:secret:mine-AbCdEf", "mine-AbCdEf"),
        ("mine", "mine-??????"),
    ],
)
def test_a_secret_of_yours_is_read_and_none_is_made(build_dicom: BuildDicom, secret: str, resource: str) -> None:
    def imported(stack: Stack) -> aws_secretsmanager.ISecret:
        if secret.startswith("arn:"):
            return aws_secretsmanager.Secret.from_secret_complete_arn(stack, "Mine", secret)
        return aws_secretsmanager.Secret.from_secret_name_v2(stack, "Mine", secret)

    built = build_dicom(key_secret=imported)
    assert built.resources("AWS::SecretsManager::Secret") == []
    (on,) = (on for action, on in allowed(built) if action == "secretsmanager:GetSecretValue")
    assert on.endswith(resource)


def test_the_keys_of_the_buckets_are_used_as_the_bucket_needs(build_dicom: BuildDicom) -> None:
    def encrypted(id: str) -> Any:
        return lambda stack: aws_s3.Bucket.from_bucket_attributes(
            stack, id, bucket_name=id.lower(), encryption_key=aws_kms.Key(stack, f"{id}Key")
        )

    names = ("Source", "Destination", "Quarantine")
    built = build_dicom(**{name.lower(): encrypted(name) for name in names})
    used = {(action, on) for action, on in allowed(built) if action.startswith("kms:")}
    assert ("kms:Decrypt", "SourceKey") in used
    assert {on for action, on in used if action.startswith("kms:GenerateDataKey")} == {
        *("DestinationKey", "QuarantineKey")
    }


def bucket(stack: Stack) -> aws_s3.IBucket:
    found = stack.node.try_find_child("Same")
    return found if isinstance(found, aws_s3.Bucket) else aws_s3.Bucket(stack, "Same")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"destination": bucket, "quarantine": bucket}, r"quarantine is destination.*Use another bucket"),
        ({"source": bucket, "quarantine": bucket}, r"quarantine is source.*endless loop"),
        ({"source": bucket, "destination": bucket}, r"destination is source.*endless loop"),
        ({"quarantine_prefix": "/aside"}, r"quarantine_prefix='/aside' must be like"),
        ({"max_concurrency": 1}, r"max_concurrency=1 must be 2 to 1,000"),
        ({"max_concurrency": 1_001}, r"max_concurrency=1001 must be 2 to 1,000"),
        ({"platform": Platform(architecture=Architecture.X86_64)}, r"find_text=True.*x86_64.*ARM64"),
    ],
    ids=lambda value: "+".join(value) if isinstance(value, dict) else "",
)
def test_arguments_that_contradict_one_another_are_refused(
    build_dicom: BuildDicom, arguments: dict[str, Any], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        build_dicom(**arguments)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [({"dates": "SHIFT"}, r"dates.*Dates"), ({"key_secret": "mine"}, r"key_secret.*from_secret_name_v2")],
    ids=lambda value: "+".join(value) if isinstance(value, dict) else "",
)
def test_a_wrong_type_is_named_with_what_to_pass(
    build_dicom: BuildDicom, arguments: dict[str, Any], message: str
) -> None:
    with pytest.raises(TypeError, match=message):
        build_dicom(**arguments)
