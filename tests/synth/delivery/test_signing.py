"""The keys that sign URLs: where they are, who may read them, and what the edge knows."""

import json
import re
from typing import Any

import pytest
from aws_cdk import App, Environment, Stack, aws_iam, aws_kms

from safelight import Dialect, ImageType, Preset, Signing
from safelight.core.assets import LAMBDAS
from safelight.delivery.edge import edge_code

SIGNED = (Signing.OPTIONAL, Signing.REQUIRED)


def code_of(built: Any) -> str:
    """The code of the edge function, each reference as a letter."""
    code = built.resource("AWS::CloudFront::Function", "Edge")["FunctionCode"]
    parts = [code] if isinstance(code, str) else code["Fn::Join"][1]
    return "".join(part if isinstance(part, str) else "x" for part in parts)


def told(built: Any) -> Any:
    found = re.search(r"const SETTINGS = (.*?\});", code_of(built))
    assert found
    return json.loads(found[1])


def test_without_signing_there_are_no_keys(build: Any) -> None:
    built = build()
    assert built.resources("AWS::SecretsManager::Secret") == {}
    assert built.resources("AWS::CloudFront::KeyValueStore") == {}
    assert built.delivery.signing_keys is None
    assert "KeyValueStoreAssociations" not in built.resource("AWS::CloudFront::Function", "Edge")["FunctionConfig"]


@pytest.mark.parametrize("signing", SIGNED)
def test_cloudformation_makes_the_first_key_and_no_template_holds_it(build: Any, signing: Signing) -> None:
    secret = build(signing=signing, presets={}).resource("AWS::SecretsManager::Secret")
    assert secret["GenerateSecretString"] == {
        "SecretStringTemplate": "{}",
        "GenerateStringKey": "1",
        "PasswordLength": 43,
        "ExcludePunctuation": True,
    }
    assert "SecretString" not in secret


@pytest.mark.parametrize("signing", SIGNED)
def test_the_edge_reads_an_empty_store_that_a_command_fills(build: Any, signing: Signing) -> None:
    built = build(signing=signing, presets={})
    (store,) = built.resources("AWS::CloudFront::KeyValueStore")
    assert "ImportSource" not in built.resource("AWS::CloudFront::KeyValueStore")
    assert built.resource("AWS::CloudFront::Function", "Edge")["FunctionConfig"]["KeyValueStoreAssociations"] == [
        {"KeyValueStoreARN": {"Fn::GetAtt": [store, "Arn"]}}
    ]
    output = next(it for name, it in built.document["Outputs"].items() if "KeyValueStoreArn" in name)
    assert "safelight keys sync" in output["Description"]


def test_the_edge_knows_its_settings(build: Any) -> None:
    presets = {"web": Preset(width=1, type=ImageType.WEBP), "any": Preset(width=1)}
    settings = told(build(presets=presets, signing=Signing.OPTIONAL))
    assert len(settings.pop("generation")) == 8
    assert settings == {
        "scope": "Test.Cdn",
        "bucket": "x",
        "signing": "optional",
        "typedPresets": ["web"],
    }


@pytest.mark.parametrize(
    "change",
    [
        {"presets": {"web": Preset(width=2)}},
        {"sizes": [320]},
        {"dialect": Dialect.THUMBOR},
        {"signing": Signing.REQUIRED},
        {"key_prefix": "photos/"},
    ],
)
def test_results_of_before_are_not_found_when_the_delivery_permits_or_means_something_else(
    build: Any, change: dict[str, Any]
) -> None:
    arguments = {"presets": {"web": Preset(width=1)}, "signing": Signing.OPTIONAL}
    assert told(build(**arguments))["generation"] != told(build(**arguments | change))["generation"]


def test_results_are_found_again_after_a_deployment_that_changes_nothing_of_it(build: Any) -> None:
    arguments = {"presets": {"web": Preset(width=1)}}
    assert told(build(**arguments))["generation"] == told(build(**arguments, reserved_concurrency=5))["generation"]


def test_the_edge_function_fits_into_cloudfront_s_limit(build: Any) -> None:
    assert len(code_of(build()).encode()) + 63 <= 10_240


def test_the_edge_function_loses_comments_line_ends_and_spaces_outside_of_texts_only() -> None:
    source = (LAMBDAS / "delivery" / "edge" / "edge.js").read_text()
    kept = [line.strip() for line in source.splitlines() if line.strip() and not line.strip().startswith("//")]
    code = edge_code("edge.js")
    assert re.sub(r"\s", "", code) == re.sub(r"\s", "", "".join(kept))
    assert all(text in code for line in kept for text in re.findall(r"'[^']*'", line))
    # A comment after code would take the next line with it.
    assert [line for line in kept if re.search(r"[;{},] *//", line)] == []


def test_who_signs_may_read_the_keys(build_own: Any) -> None:
    built = build_own(signing=Signing.OPTIONAL)
    (statement,) = statements_of_a_signer(built)
    assert statement["Action"] == ["secretsmanager:GetSecretValue", "secretsmanager:DescribeSecret"]


def test_who_signs_may_decrypt_the_keys_through_secrets_manager_only(build_own: Any) -> None:
    built = build_own(signing=Signing.OPTIONAL, encryption_key=lambda stack: aws_kms.Key(stack, "Key"))
    _, statement = statements_of_a_signer(built)
    assert statement["Action"] == "kms:Decrypt"
    assert statement["Condition"] == {"StringEquals": {"kms:ViaService": "secretsmanager.eu-west-1.amazonaws.com"}}


@pytest.mark.parametrize("signing", SIGNED)
def test_a_key_of_another_stack_does_not_depend_on_who_reads_or_signs(build_own: Any, signing: Signing) -> None:
    built = build_own(signing=signing, presets={}, encryption_key=key_of_another_stack)
    statements_of_a_signer(built)
    built.app.synth()
    (other,) = (it for it in built.app.node.children if it.node.id == "Keys")
    assert other.dependencies == []


def key_of_another_stack(stack: Stack) -> aws_kms.Key:
    other = Stack(App.of(stack), "Keys", env=Environment(account=stack.account, region=stack.region))
    return aws_kms.Key(other, "Key")


def statements_of_a_signer(built: Any) -> Any:
    """Let a new role sign, and return the statements of its policy."""
    role = aws_iam.Role(built.stack, "Signer", assumed_by=aws_iam.ServicePrincipal("lambda.amazonaws.com"))
    built.delivery.grant_sign(role)
    (policy,) = (it for name, it in built.resources("AWS::IAM::Policy").items() if name.startswith("Signer"))
    return policy["PolicyDocument"]["Statement"]


def test_nobody_can_sign_for_a_delivery_without_signing(build_own: Any) -> None:
    built = build_own()
    user = aws_iam.User.from_user_name(built.stack, "Somebody", "somebody")
    with pytest.raises(ValueError, match=r"no signing keys.*Signing\.OPTIONAL"):
        built.delivery.grant_sign(user)
