"""Deployments of today and of later: several deliveries, changed options, checks of templates."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from aws_cdk import App, RemovalPolicy, Stack, aws_certificatemanager, aws_kms, aws_s3, aws_sns
from aws_cdk.assertions import Annotations, Match, Template
from tests.synth.delivery.synthesised import CARD
from tests.synth.image_workflow.nag import findings

from safelight import ImageDelivery, Preset, Signing

NAMED = (
    "AWS::CloudFront::CachePolicy",
    "AWS::CloudFront::Function",
    "AWS::CloudFront::KeyValueStore",
    "AWS::CloudFront::OriginAccessControl",
    "AWS::CloudFront::OriginRequestPolicy",
    "AWS::CloudFront::ResponseHeadersPolicy",
)


def name_of(properties: dict[str, Any]) -> Any:
    if "Name" in properties:
        return properties["Name"]
    (config,) = (value for name, value in properties.items() if name.endswith("Config"))
    return config["Name"]


def topic(stack: Stack) -> aws_sns.ITopic:
    return aws_sns.Topic.from_topic_arn(stack, "Topic", "arn:aws:sns:eu-west-1:111122223333:ops")


def key(stack: Stack) -> aws_kms.IKey:
    return aws_kms.Key(stack, "Key", enable_key_rotation=True)


def imported_key(stack: Stack) -> aws_kms.IKey:
    return aws_kms.Key.from_key_arn(stack, "Key", "arn:aws:kms:eu-west-1:111122223333:key/1")


def statements_of_the_warning(built: Any) -> dict[str, Any]:
    """The statements for an imported key that the warning shows, by service."""
    pattern = Match.string_like_regexp(".*encryption_key is imported.*")
    (warning,) = Annotations.from_stack(built.stack).find_warning("/Test/Cdn", pattern)
    text = str(warning.entry.data)
    shown = json.loads(text[text.index("[{") : text.rindex("}]") + 2])
    return {it["Principal"]["Service"]: it for it in shown}


def test_a_warning_shows_how_an_imported_key_lets_the_distribution_read_results(build_own: Any) -> None:
    statement = statements_of_the_warning(build_own(encryption_key=imported_key))["cloudfront.amazonaws.com"]
    assert statement["Action"] == "kms:Decrypt"
    distribution = "arn:aws:cloudfront::111122223333:distribution/DISTRIBUTION_ID"
    assert statement["Condition"] == {"StringEquals": {"aws:SourceArn": distribution}}


def test_without_an_edge_an_imported_key_needs_no_statement_for_cloudfront(build_own: Any) -> None:
    built = build_own(encryption_key=imported_key, edge=False)
    assert "cloudfront.amazonaws.com" not in statements_of_the_warning(built)


@pytest.mark.parametrize(
    "arguments",
    [
        {"presets": {"other": Preset(width=5)}},
        {"sizes": [320]},
        {"signing": Signing.OPTIONAL},
        {"cors_origins": ["*"]},
        {"origin_shield_region": "eu-west-1"},
    ],
    ids=lambda it: next(iter(it)),
)
def test_changed_options_replace_nothing(build: Any, arguments: dict[str, Any]) -> None:
    kept = {"AWS::CloudFront::Distribution", "AWS::S3::Bucket", "AWS::Lambda::Url", "AWS::Lambda::Function"}
    before, after = (
        {name for name, it in built.document["Resources"].items() if it["Type"] in kept}
        for built in (build(), build(**arguments))
    )
    assert before == after


def certificate(stack: Stack) -> aws_certificatemanager.ICertificate:
    arn = "arn:aws:acm:us-east-1:111122223333:certificate/1"
    return aws_certificatemanager.Certificate.from_certificate_arn(stack, "Certificate", arn)


def test_a_domain_that_is_added_replaces_nothing(build: Any, build_own: Any) -> None:
    added = build_own(domain_names=["images.example.com"], certificate=certificate).document["Resources"]
    types = {name: it["Type"] for name, it in build().document["Resources"].items()}
    assert {name: it["Type"] for name, it in added.items()} == types


def test_two_deliveries_in_a_stack_share_no_name(build_own: Any) -> None:
    built = build_own(signing=Signing.OPTIONAL)
    other = ImageDelivery(
        built.stack, "Other", source=aws_s3.Bucket(built.stack, "More"), presets=CARD, signing=Signing.OPTIONAL
    )
    assert other.signing_scope != built.delivery.signing_scope
    names = [json.dumps(name_of(it)) for type_name in NAMED for it in built.resources(type_name).values()]
    assert len(set(names)) == len(names) == 2 * 7


def test_two_deliveries_can_have_one_source(build_own: Any) -> None:
    built = build_own()
    source = built.stack.node.find_child("Photos")
    ImageDelivery(built.stack, "Other", source=source, presets=CARD)
    assert len(built.resources("AWS::CloudFront::Distribution")) == 2


@pytest.mark.parametrize("type_name", NAMED)
def test_a_name_belongs_to_one_stack_of_the_account(build: Any, type_name: str) -> None:
    for properties in build(signing=Signing.OPTIONAL).resources(type_name).values():
        _, parts = name_of(properties)["Fn::Join"]
        assert len(parts[0]) <= 64 - 36
        assert parts[1] == {"Fn::Select": [2, {"Fn::Split": ["/", {"Ref": "AWS::StackId"}]}]}


def test_no_resource_has_a_fixed_name(build: Any) -> None:
    for resource in build(signing=Signing.OPTIONAL).document["Resources"].values():
        names = {name: value for name, value in resource.get("Properties", {}).items() if name.endswith("Name")}
        assert not [value for name, value in names.items() if isinstance(value, str) and name != "PolicyName"]


def test_there_is_no_custom_resource(build: Any) -> None:
    types = {it["Type"] for it in build(signing=Signing.OPTIONAL).document["Resources"].values()}
    assert not [it for it in types if it.startswith(("Custom::", "AWS::CloudFormation::CustomResource"))]


def test_what_is_made_stays_when_the_stack_is_deleted_unless_you_say_otherwise(build: Any) -> None:
    for policy, kept in (
        (RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE, "RetainExceptOnCreate"),
        (RemovalPolicy.DESTROY, "Delete"),
    ):
        resources = build(removal_policy=policy, signing=Signing.OPTIONAL).document["Resources"]
        for type_name in ("AWS::S3::Bucket", "AWS::SecretsManager::Secret", "AWS::Logs::LogGroup"):
            found = [it for name, it in resources.items() if it["Type"] == type_name and name.startswith("Cdn")]
            assert {it["DeletionPolicy"] for it in found} == {kept}


def test_a_key_of_yours_encrypts_everything(build_own: Any) -> None:
    built = build_own(encryption_key=key, signing=Signing.OPTIONAL)
    (made,) = built.resources("AWS::KMS::Key")
    arn = {"Fn::GetAtt": [made, "Arn"]}
    encryption = built.resource("AWS::S3::Bucket", "Results")["BucketEncryption"]
    (rule,) = encryption["ServerSideEncryptionConfiguration"]
    assert rule["ServerSideEncryptionByDefault"]["KMSMasterKeyID"] == arn
    assert built.resource("AWS::SecretsManager::Secret")["KmsKeyId"] == arn
    for type_name, name in (
        ("AWS::Lambda::Function", "KmsKeyArn"),
        ("AWS::Logs::LogGroup", "KmsKeyId"),
        ("AWS::SQS::Queue", "KmsMasterKeyId"),
    ):
        assert [it[name] for it in built.resources(type_name).values()] == [arn] * 2
    assert "cloudfront.amazonaws.com" in json.dumps(built.resources("AWS::KMS::Key")[made]["KeyPolicy"])


def test_a_key_of_yours_raises_no_warning(build_own: Any) -> None:
    built = build_own(encryption_key=key)
    assert Annotations.from_stack(built.stack).find_warning("*", Match.any_value()) == []


@pytest.mark.parametrize(
    "arguments",
    [
        {},
        {"signing": Signing.OPTIONAL, "key_prefix": "public/", "alarm_topic": topic},
        {"encryption_key": key, "signing": Signing.REQUIRED, "cors_origins": ["*"]},
        {"edge": False},
    ],
    ids=lambda it: "+".join(it) or "defaults",
)
def test_cdk_nag_and_the_cdk_s_validation_find_nothing(build_own: Any, arguments: dict[str, Any]) -> None:
    built = build_own(**arguments)
    assert findings(built.app, below="Test/Cdn") == []


def test_cfn_lint_finds_nothing(build: Any, tmp_path: Path) -> None:
    template = tmp_path / "template.json"
    template.write_text(json.dumps(build(signing=Signing.OPTIONAL, cors_origins=["*"]).document))
    command = [str(Path(sys.executable).with_name("cfn-lint")), "--ignore-checks", "W", "--", str(template)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_it_can_be_in_a_stack_whose_account_and_region_are_not_known(tmp_path: Path) -> None:
    app = App(outdir=str(tmp_path), context={"safelight:platform": "local"})
    stack = Stack(app, "Test")
    ImageDelivery(stack, "Cdn", source=aws_s3.Bucket(stack, "Photos"), presets=CARD)
    Template.from_stack(stack).resource_count_is("AWS::CloudFront::Distribution", 1)
