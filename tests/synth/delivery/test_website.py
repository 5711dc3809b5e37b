"""The website, its API, its functions and its permissions."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from aws_cdk import Duration, Stack, aws_kms, aws_s3, aws_sns
from aws_cdk.assertions import Annotations, Match
from tests.synth.delivery.synthesised import Synthesised
from tests.synth.delivery.test_least_privilege import CONSUMING, EVERYWHERE, READING, allowed
from tests.synth.image_workflow.nag import findings
from tests.synth.image_workflow.sharing import lock, once_for_the_same

from safelight import ResizingWebsite

WEBSITE: Any = ResizingWebsite
SIZES = {"sizes": [320, (320, 200), (None, 100)], "public_read": True}


class SynthesisedWebsite(Synthesised):
    """A stack with one website, whose ids begin with ``Cdn`` too."""

    system = WEBSITE
    needed = SIZES


@pytest.fixture
def build_own(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., SynthesisedWebsite]:
    def build_with(**arguments: Any) -> SynthesisedWebsite:
        return SynthesisedWebsite(outdir=tmp_path_factory.mktemp("own"), arguments=arguments)

    return build_with


@pytest.fixture(scope="session")
def build(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., SynthesisedWebsite]:
    def build_with(**arguments: Any) -> SynthesisedWebsite:
        built = SynthesisedWebsite(outdir=tmp_path_factory.mktemp("shared"), arguments=arguments)
        lock(built.app)
        return built

    return once_for_the_same(build_with)


def topic(stack: Stack) -> aws_sns.ITopic:
    return aws_sns.Topic.from_topic_arn(stack, "Topic", "arn:aws:sns:eu-west-1:111122223333:ops")


def key(stack: Stack) -> aws_kms.Key:
    return aws_kms.Key(stack, "Key", enable_key_rotation=True)


def statements(built: Any) -> list[Any]:
    found: list[Any] = built.resource("AWS::S3::BucketPolicy", "Website")["PolicyDocument"]["Statement"]
    return found


def test_a_miss_is_redirected_to_the_api_and_the_redirect_is_not_permanent(build: Any) -> None:
    (rule,) = build().resource("AWS::S3::Bucket", "Website")["WebsiteConfiguration"]["RoutingRules"]
    # Without permission to list, S3 says 403 for a missing object.
    assert rule["RoutingRuleCondition"] == {"HttpErrorCodeReturnedEquals": "403"}
    redirect = rule["RedirectRule"]
    assert (redirect["Protocol"], redirect["HttpRedirectCode"]) == ("https", "307")
    assert redirect["ReplaceKeyPrefixWith"] == "resize?key="
    assert "CdnApi" in json.dumps(redirect["HostName"])


def test_everybody_may_read_the_permitted_sizes_and_nothing_else(build: Any) -> None:
    (read,) = (it for it in statements(build()) if it["Effect"] == "Allow")
    assert (read["Action"], read["Principal"]) == ("s3:GetObject", {"AWS": "*"})
    prefixes = [it["Fn::Join"][1][1] for it in read["Resource"]]
    assert prefixes == ["/x100/*", "/320x/*", "/320x200/*"]


def test_what_was_stored_of_sources_under_another_prefix_cannot_be_read(build: Any) -> None:
    (read,) = (it for it in statements(build(key_prefix="public/")) if it["Effect"] == "Allow")
    prefixes = [it["Fn::Join"][1][1] for it in read["Resource"]]
    assert prefixes == ["/x100/public/*", "/320x/public/*", "/320x200/public/*"]


def test_all_but_reading_needs_tls(build: Any) -> None:
    (denied,) = (it for it in statements(build()) if it["Effect"] == "Deny")
    assert denied["NotAction"] == "s3:GetObject"
    assert denied["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


def test_only_a_policy_makes_the_bucket_public(build: Any) -> None:
    bucket = build().resource("AWS::S3::Bucket", "Website")
    assert bucket["OwnershipControls"]["Rules"] == [{"ObjectOwnership": "BucketOwnerEnforced"}]
    assert bucket["PublicAccessBlockConfiguration"] == {
        "BlockPublicAcls": True,
        "IgnorePublicAcls": True,
        "BlockPublicPolicy": False,
        "RestrictPublicBuckets": False,
    }


@pytest.mark.parametrize(("kept", "days"), [(None, 30), (Duration.days(3), 3)])
def test_images_expire(build_own: Any, kept: Duration | None, days: int) -> None:
    rules = build_own(results_kept=kept).resource("AWS::S3::Bucket", "Website")["LifecycleConfiguration"]["Rules"]
    assert [it["ExpirationInDays"] for it in rules if "ExpirationInDays" in it] == [days]


def test_the_api_has_one_path_and_reads_only(build: Any) -> None:
    routes = build().resources("AWS::ApiGatewayV2::Route").values()
    assert {it["RouteKey"] for it in routes} == {"GET /resize", "HEAD /resize"}


def test_only_the_api_may_invoke_the_function(build: Any) -> None:
    for permission in build().resources("AWS::Lambda::Permission").values():
        assert (permission["Action"], permission["Principal"]) == ("lambda:InvokeFunction", "apigateway.amazonaws.com")
        assert "CdnApi" in json.dumps(permission["SourceArn"])


def test_the_function_knows_where_it_sends_viewers_back_to(build: Any) -> None:
    url = build().environment("Resize")["WEBSITE_URL"]
    assert url["Fn::GetAtt"][1] == "WebsiteURL"
    assert url in [output["Value"] for output in build().document["Outputs"].values()]


def test_the_function_that_resizes_reads_sources_and_keeps_images(build: Any) -> None:
    keeping = {("s3:ListBucket", "CdnWebsite")} | {
        (f"s3:{action}", "CdnWebsite/*") for action in ("GetObject", "PutObject", "DeleteObject")
    }
    assert allowed(build(key_prefix="public/"), "Resize") == EVERYWHERE | READING | keeping


def test_the_function_that_forgets_deletes_images(build: Any) -> None:
    assert allowed(build(), "Forget") == EVERYWHERE | CONSUMING | {("s3:DeleteObject", "CdnWebsite/*")}


def test_every_change_of_a_source_is_forgotten(build: Any) -> None:
    pattern = build(key_prefix="public/").resource("AWS::Events::Rule")["EventPattern"]
    assert pattern["detail-type"] == ["Object Created", "Object Deleted"]
    assert pattern["detail"]["object"] == {"key": [{"prefix": "public/"}]}
    assert "Photos" in json.dumps(pattern["detail"]["bucket"])


QUEUES = {"ApproximateAgeOfOldestMessage", "ApproximateNumberOfMessagesVisible"}


def test_failures_that_viewers_see_are_watched(build_own: Any) -> None:
    built = build_own(alarm_topic=topic)
    alarms = built.resources("AWS::CloudWatch::Alarm").values()
    assert len(alarms) == len(built.delivery.alarms) == 5
    watched = {alarm["MetricName"] for alarm in alarms}
    assert watched == {"5xx", "Throttles", "Duration", *QUEUES}
    assert not [alarm for alarm in alarms if "Rekognition" in json.dumps(alarm["AlarmDescription"])]


def test_a_key_of_yours_encrypts_all_but_the_website(build_own: Any) -> None:
    built = build_own(encryption_key=key)
    (made,) = built.resources("AWS::KMS::Key")
    arn = {"Fn::GetAtt": [made, "Arn"]}
    (rule,) = built.resource("AWS::S3::Bucket", "Website")["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    assert rule["ServerSideEncryptionByDefault"] == {"SSEAlgorithm": "AES256"}
    for type_name, name in (
        ("AWS::Lambda::Function", "KmsKeyArn"),
        ("AWS::Logs::LogGroup", "KmsKeyId"),
        ("AWS::SQS::Queue", "KmsMasterKeyId"),
    ):
        assert [it[name] for it in built.resources(type_name).values()] == [arn] * 2
    assert Annotations.from_stack(built.stack).find_warning("*", Match.any_value()) == []


@pytest.mark.parametrize(
    "arguments",
    [{}, {"key_prefix": "public/", "alarm_topic": topic, "encryption_key": key, "reserved_concurrency": 5}],
    ids=lambda it: "+".join(it) or "defaults",
)
def test_cdk_nag_and_the_cdk_s_validation_find_nothing(build_own: Any, arguments: dict[str, Any]) -> None:
    assert findings(build_own(**arguments).app, below="Test/Cdn") == []


def test_cfn_lint_finds_nothing(build: Any, tmp_path: Path) -> None:
    template = tmp_path / "template.json"
    template.write_text(json.dumps(build().document))
    command = [str(Path(sys.executable).with_name("cfn-lint")), "--ignore-checks", "W", "--", str(template)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"public_read": False}, r"Everybody can read.*no TLS.*public_read=True.*ImageDelivery"),
        ({"sizes": []}, r"sizes is empty.*\[320, \(320, 200\)\]"),
        ({"sizes": [0]}, r"sizes has 0\..*1 to 8192"),
        ({"sizes": [(None, None)]}, r"sizes has \(None, None\)"),
        ({"sizes": list(range(1, 102))}, r"sizes has 101 sizes.*100"),
        ({"key_prefix": "/public"}, r"key_prefix='/public' must be like"),
        ({"results_kept": Duration.hours(1)}, r"results_kept is 1 hour"),
        ({"reserved_concurrency": 0}, r"reserved_concurrency=0 would stop"),
        (
            {"source": lambda stack: aws_s3.Bucket.from_bucket_attributes(stack, "F", bucket_name="far", region="x-1")},
            r"source Test/F is in .*x-1.*old pixels",
        ),
        (
            {"encryption_key": lambda s: aws_kms.Key.from_key_arn(s, "K", "arn:aws:kms:us-west-2:111122223333:key/1")},
            r"encryption_key Test/K is in region us-west-2, and the website in eu-west-1",
        ),
    ],
    ids=lambda value: "+".join(value) if isinstance(value, dict) else "",
)
def test_arguments_that_contradict_one_another_are_refused(
    build_own: Any, arguments: dict[str, Any], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        build_own(**arguments)


def test_an_argument_of_a_wrong_type_is_rejected(build_own: Any) -> None:
    with pytest.raises(TypeError, match=r"^ResizingWebsite: .*sizes\[0\] is '320'"):
        build_own(sizes=["320"])
