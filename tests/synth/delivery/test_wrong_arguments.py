"""Arguments that contradict one another get a message with the way out."""

from collections.abc import Callable
from typing import Any

import pytest
from aws_cdk import App, Duration, Environment, Stack, aws_certificatemanager, aws_kms, aws_s3

from safelight import ImageDelivery, Preset, Signing

DELIVERY: Any = ImageDelivery
CARD = {"card": Preset(width=320)}
CERTIFICATE = "arn:aws:acm:eu-west-1:111122223333:certificate/1"


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Stack:
    app = App(outdir=str(tmp_path_factory.mktemp("cdk.out")), context={"safelight:platform": "local"})
    return Stack(app, "Test", env=Environment(account="111122223333", region="eu-west-1"))


@pytest.fixture
def deliver(stack: Stack, request: pytest.FixtureRequest) -> Callable[..., None]:
    """Make a delivery from a bucket, which a test expects to fail."""

    def make(**arguments: Any) -> None:
        id = f"Cdn{abs(hash(request.node.nodeid))}"
        bucket = aws_s3.Bucket.from_bucket_name(stack, f"{id}Photos", "photos")
        DELIVERY(stack, id, **({"source": bucket} | arguments))

    return make


def test_a_size_of_three_sides_is_told_what_a_size_is(deliver: Callable[..., None]) -> None:
    with pytest.raises(TypeError, match=r"sizes\[0\] is \(1, 2, 3\), .*Pass an int or 2 values, such as \(320, 200\)"):
        deliver(sizes=[(1, 2, 3)])


def test_an_argument_that_is_like_none_gets_no_advice() -> None:
    preset: Any = Preset
    with pytest.raises(TypeError, match=r"there is no argument target\.$"):
        preset(target=1)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({}, r"presets and sizes are empty, and signing is Signing\.OFF.*presets=.*sizes=.*Signing\.OPTIONAL.*open_to"),
        ({"presets": {"Card": Preset(width=1)}}, r"presets has the name 'Card'.*lower-case"),
        ({"sizes": [0]}, r"sizes has 0\. .*1 to 8192"),
        ({"sizes": [(None, None)]}, r"sizes has \(None, None\)"),
        ({"sizes": [9_000]}, r"sizes has 9000\."),
        ({"sizes": [320], "signing": Signing.REQUIRED}, r"sizes.*Signing\.REQUIRED.*Signing\.OPTIONAL"),
        ({"sizes": [320], "open_to_all": True}, r"open_to_all.*sizes is given"),
        ({"open_to_all": True, "signing": Signing.REQUIRED}, r"open_to_all.*Signing\.REQUIRED.*Omit open_to_all"),
        ({"presets": CARD, "key_prefix": "/public"}, r"key_prefix='/public' must be like"),
        (
            {"presets": CARD, "key_prefix": "public/", "fallback_key": "none.png"},
            r"fallback_key='none\.png'.*'public/'",
        ),
        ({"presets": CARD, "fallback_key": ""}, r"fallback_key=''"),
        ({"presets": CARD, "source": []}, r"source is empty.*Add a bucket"),
        ({"presets": CARD, "results_kept": Duration.hours(1)}, r"results_kept is 1 hour.*Duration\.days\(1\)"),
        ({"presets": CARD, "reserved_concurrency": 0}, r"reserved_concurrency=0 would stop"),
        ({"presets": CARD, "domain_names": ["images.example.com"]}, r"certificate is missing.*us-east-1"),
        ({"presets": CARD, "domain_names": ["https://example.com/"]}, r"domain_names has 'https://example\.com/'"),
        ({"presets": CARD, "web_acl_id": "arn:aws:wafv2:eu-west-1:1:regional/webacl/a/1"}, r"scope CLOUDFRONT"),
        ({"presets": CARD, "web_acl_id": "arn:aws:wafv2:us-east-1:1:regional/webacl/a/1"}, r"scope CLOUDFRONT"),
        (
            {"presets": CARD, "cors_origins": ["example.com"]},
            r"cors_origins has 'example\.com'.*'https://example\.com'",
        ),
        ({"presets": CARD, "cors_origins": ["*", "https://example.com"]}, r"cors_origins has '\*' and others"),
        ({"presets": CARD, "access_logs_prefix": "cdn/"}, r"access_logs_prefix.*access_logs_bucket is not"),
        (
            {"presets": CARD, "origin_shield_region": "eu-west-3"},
            r"origin_shield_region is 'eu-west-3'.*no Origin Shield.*eu-west-1.*or omit it",
        ),
        ({"presets": CARD, "edge": False, "cors_origins": ["*"]}, r"cors_origins is for CloudFront, and edge is False"),
    ],
    ids=lambda value: "+".join(value) or "nothing" if isinstance(value, dict) else "",
)
def test_arguments_that_contradict_one_another_are_refused(
    deliver: Callable[..., None], arguments: dict[str, Any], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        deliver(**arguments)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"source": "photos"}, r"source is 'photos'.*Bucket\.from_bucket_name"),
        ({"presets": {"card": 320}}, r"presets\['card'\] is 320.*Pass a Preset"),
        ({"presets": CARD, "sizes": ["320"]}, r"sizes\[0\] is '320'"),
        ({"sizes": 320}, r"sizes is 320, an int\. Pass a list of int or tuple: \[320\]\.$"),
        ({"presets": CARD, "results_kept": 30}, r"results_kept is 30.*such as Duration\.days\(30\)\.$"),
        ({"presets": CARD, "results_kept": "30"}, r"results_kept is '30'.*such as Duration\.days\(30\)\.$"),
        ({"presets": ["card"]}, r"presets is \['card'\].*such as \{'card': Preset\(width=320\)\}\.$"),
        ({"presets": CARD, "signing": "optional"}, r"signing is 'optional'.*Signing\.OPTIONAL"),
        ({"presets": CARD, "cors_origins": "*"}, r"cors_origins is '\*'"),
        ({"preset": CARD}, r"no argument preset\. Did you mean presets\?"),
    ],
    ids=lambda value: "+".join(value) if isinstance(value, dict) else "",
)
def test_an_argument_of_a_wrong_type_is_rejected(
    deliver: Callable[..., None], arguments: dict[str, Any], message: str
) -> None:
    with pytest.raises(TypeError, match=rf"^ImageDelivery: .*{message}"):
        deliver(**arguments)


def test_a_certificate_of_another_region_is_refused(stack: Stack, deliver: Callable[..., None]) -> None:
    certificate = aws_certificatemanager.Certificate.from_certificate_arn(stack, "Elsewhere", CERTIFICATE)
    with pytest.raises(ValueError, match=r"certificate is in eu-west-1.*us-east-1"):
        deliver(presets=CARD, domain_names=["images.example.com"], certificate=certificate)


@pytest.mark.parametrize("region", ["ap-southeast-5", "ca-west-1", "eu-central-2", "il-central-1", "me-central-1"])
def test_a_region_without_function_urls_is_refused(region: str) -> None:
    stack = Stack(App(), "Test", env=Environment(account="111122223333", region=region))
    with pytest.raises(ValueError, match=rf"Test/Cdn: {region} has no function URLs.*such as eu-west-1"):
        DELIVERY(stack, "Cdn", source=aws_s3.Bucket.from_bucket_name(stack, "Photos", "photos"), presets=CARD)


@pytest.mark.parametrize("ownership", [None, aws_s3.ObjectOwnership.BUCKET_OWNER_ENFORCED])
def test_a_bucket_for_logs_without_access_control_lists_is_refused(
    stack: Stack, deliver: Callable[..., None], ownership: aws_s3.ObjectOwnership | None
) -> None:
    bucket = aws_s3.Bucket(stack, f"Logs{ownership}", object_ownership=ownership)
    with pytest.raises(ValueError, match=r"access_logs_bucket Test/Logs.*object_ownership=.*BUCKET_OWNER_PREFERRED"):
        deliver(presets=CARD, access_logs_bucket=bucket)


def importing(region: str) -> Any:
    return lambda stack: aws_s3.Bucket.from_bucket_attributes(stack, "Logs", bucket_name="logs", region=region)


@pytest.mark.parametrize("region", ["af-south-1", "ap-east-1", "eu-south-1", "me-south-1"])
def test_a_bucket_for_logs_in_a_region_without_logs_of_cloudfront_is_refused(build_own: Any, region: str) -> None:
    with pytest.raises(ValueError, match=rf"access_logs_bucket Test/Logs is in {region}, where CloudFront stores no"):
        build_own(access_logs_bucket=importing(region))


def test_a_bucket_for_logs_in_another_region_is_permitted(build_own: Any) -> None:
    assert build_own(access_logs_bucket=importing("us-east-1")).distribution["Logging"]


def test_a_certificate_without_domains_is_refused(stack: Stack, deliver: Callable[..., None]) -> None:
    certificate = aws_certificatemanager.Certificate.from_certificate_arn(stack, "Unused", CERTIFICATE)
    with pytest.raises(ValueError, match=r"certificate is given, and domain_names is not"):
        deliver(presets=CARD, certificate=certificate)


def test_a_bucket_of_another_region_is_refused(stack: Stack, deliver: Callable[..., None]) -> None:
    bucket = aws_s3.Bucket.from_bucket_attributes(stack, "Far", bucket_name="far", region="us-west-2")
    with pytest.raises(ValueError, match=r"source Test/Far is in .*us-west-2.*old pixels"):
        deliver(presets=CARD, source=bucket)


def test_a_key_of_another_region_is_refused(stack: Stack, deliver: Callable[..., None]) -> None:
    key = aws_kms.Key.from_key_arn(stack, "FarKey", "arn:aws:kms:us-west-2:111122223333:key/1")
    with pytest.raises(ValueError, match=r"encryption_key Test/FarKey is in region us-west-2, and the delivery in eu-"):
        deliver(presets=CARD, encryption_key=key)


def test_the_same_bucket_twice_is_refused(stack: Stack, deliver: Callable[..., None]) -> None:
    buckets = [aws_s3.Bucket.from_bucket_name(stack, name, "twice") for name in ("One", "Other")]
    with pytest.raises(ValueError, match=r"source has the bucket twice twice"):
        deliver(presets=CARD, source=buckets)


def test_a_delivery_is_in_a_stack(stack: Stack) -> None:
    with pytest.raises(ValueError, match="ImageDelivery: scope is an instance of App, which is not in a stack"):
        DELIVERY(App(), "Cdn", source=aws_s3.Bucket.from_bucket_name(stack, "Outside", "photos"))
