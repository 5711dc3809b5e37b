"""The redaction of videos as a template: its resources, its permissions and its refusals."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from aws_cdk import App, Stack, aws_kms, aws_s3, aws_sns
from tests.synth.image_workflow.nag import findings
from tests.synth.image_workflow.sharing import lock, once_for_the_same
from tests.synth.redaction.videos import SynthesisedVideos

from safelight import Architecture, Platform, Style, VideoLimits, VideoRedaction
from safelight.redaction.video_steps import VIDEO_STEPS
from safelight_contracts.redaction.videos import SETTINGS_VARIABLE, settings_from_environment
from videokit.sandbox import ProcessLimits

LAMBDAS = Path(__file__).parents[3] / "lambdas"
WORK, REVIEWS = "VideosWork/work/*", "VideosWork/reviews/*"
READS_SOURCE = {("s3:GetObject", "Uploads/*"), ("s3:GetObjectVersion", "Uploads/*"), ("s3:ListBucket", "Uploads")}
EVERYWHERE = {
    ("logs:CreateLogStream", "Logs"),
    ("logs:PutLogEvents", "Logs"),
    ("xray:PutTelemetryRecords", "*"),
    ("xray:PutTraceSegments", "*"),
}
PERMISSIONS = {
    "Probe": READS_SOURCE | {("s3:PutObject", WORK), ("s3:GetObject", "Redacted/*"), ("s3:ListBucket", "Redacted")},
    "Detect": READS_SOURCE | {("s3:GetObject", WORK), ("s3:PutObject", WORK)},
    "Link": {("s3:GetObject", WORK), ("s3:PutObject", WORK)},
    "Cover": READS_SOURCE | {("s3:GetObject", WORK), ("s3:PutObject", WORK)},
    "Join": READS_SOURCE
    | {
        ("s3:GetObject", WORK),
        ("s3:GetObject", REVIEWS),
        ("s3:PutObject", REVIEWS),
        ("s3:DeleteObject", REVIEWS),
        ("s3:ListBucket", "VideosWork"),
        ("s3:GetObject", "Redacted/*"),
        ("s3:PutObject", "Redacted/*"),
        ("s3:DeleteObject", "Redacted/*"),
        ("s3:ListBucket", "Redacted"),
    },
    "Withdraw": {
        ("s3:GetObject", REVIEWS),
        ("s3:DeleteObject", REVIEWS),
        ("s3:ListBucket", "VideosWork"),
        ("s3:GetObject", "Redacted/*"),
        ("s3:DeleteObject", "Redacted/*"),
        ("s3:ListBucket", "Redacted"),
    },
    "Clean": {("s3:ListBucket", "VideosWork"), ("s3:DeleteObject", WORK)},
}
"""What each function may do beside logging and tracing."""


@pytest.fixture(scope="session")
def build(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., SynthesisedVideos]:
    """Synthesise a redaction, once for all tests that give the same arguments."""

    def build_with(**arguments: Any) -> SynthesisedVideos:
        built = SynthesisedVideos(outdir=tmp_path_factory.mktemp("videos"), arguments=arguments)
        lock(built.app)
        return built

    return once_for_the_same(build_with)


def named(resource: Any) -> str:
    """A resource by the ids of its constructs."""
    match resource:
        case {"Fn::GetAtt": [name, _]} | {"Ref": name}:
            return "Logs" if "Logs" in name else re.sub("[0-9A-F]{8}$", "", str(name))
        case {"Fn::Join": [_, parts]}:
            return "".join(named(part) for part in parts if part != {"Ref": "AWS::Partition"})
    return str(resource)


def allowed(built: SynthesisedVideos, role: str) -> set[tuple[str, str]]:
    (found,) = (it for name, it in built.permissions.items() if re.fullmatch(f"Videos{role}Role[0-9A-F]{{8}}", name))
    return {(action, named(json.loads(on))) for action, on in found}


@pytest.mark.parametrize("id", VIDEO_STEPS)
def test_a_function_may_do_what_it_calls_and_nothing_more(build: Any, id: str) -> None:
    assert allowed(build(), id) == EVERYWHERE | PERMISSIONS[id]


def test_prefixes_limit_what_is_read_and_written(build: Any) -> None:
    built = build(source_prefix="incoming/", destination_prefix="public/")
    assert ("s3:GetObject", "Uploads/incoming/*") in allowed(built, "Detect")
    assert ("s3:PutObject", "Redacted/public/*") in allowed(built, "Join")
    assert not {it for it in allowed(built, "Join") if it[1] in ("Uploads/*", "Redacted/*")}


def test_only_the_function_that_joins_may_write_to_the_destination(build: Any) -> None:
    built = build()
    writers = {
        id for id in VIDEO_STEPS if any(on.startswith("Redacted/") and "Put" in do for do, on in allowed(built, id))
    }
    assert writers == {"Join"}


def test_every_handler_has_a_function(build: Any) -> None:
    assert set(build().videos.steps) == {step.package for step in VIDEO_STEPS.values()}
    assert all((LAMBDAS / "redaction" / step.package / "handler.py").is_file() for step in VIDEO_STEPS.values())


def test_the_state_machine_may_run_its_maps(build: Any) -> None:
    built = build()
    (found,) = (it for name, it in built.permissions.items() if name.startswith("VideosStateMachineRole"))
    states = {(action, re.sub(r".*:(execution|stateMachine)", r"\1", named(json.loads(on)))) for action, on in found}
    actions = {action for action, _ in states if action.startswith("states:")}
    assert actions == {
        "states:StartExecution",
        "states:DescribeExecution",
        "states:StopExecution",
        "states:RedriveExecution",
    }
    for label in ("Detect", "Cover"):
        of_children = {action for action, on in states if on.endswith(f"/{label}:*")}
        assert of_children == actions - {"states:StartExecution"}
    assert ("s3:GetObject", WORK) in {(do, named(json.loads(on))) for do, on in found}


def test_the_functions_get_the_settings(build: Any) -> None:
    built = build(style=Style.PIXELATE, padding=0.3, destination_prefix="public/", limits=VideoLimits(max_seconds=60))
    (detect,) = (it for name, it in built.resources("AWS::Lambda::Function").items() if name.startswith("VideosDetect"))
    variable = detect["Environment"]["Variables"][SETTINGS_VARIABLE]
    text = "".join(part if isinstance(part, str) else "name" for part in variable["Fn::Join"][1])
    settings = settings_from_environment({SETTINGS_VARIABLE: text})
    assert (settings.style, settings.padding, settings.destination_prefix) == (Style.PIXELATE, 0.3, "public/")
    assert settings.limits == VideoLimits(max_seconds=60)


def test_private_files_expire_after_a_day_and_reviews_do_not(build: Any) -> None:
    (work,) = (it for name, it in build().resources("AWS::S3::Bucket").items() if name.startswith("VideosWork"))
    rules = {it["Id"]: it for it in work["LifecycleConfiguration"]["Rules"]}
    assert (rules["ExpireWork"]["ExpirationInDays"], rules["ExpireWork"]["Prefix"]) == (1, "work/")
    assert all(work["PublicAccessBlockConfiguration"].values())


def test_a_rule_starts_the_released_version_for_every_video(build: Any) -> None:
    built = build()
    (rule,) = built.resources("AWS::Events::Rule").values()
    suffixes = {it["suffix"] for it in rule["EventPattern"]["detail"]["object"]["key"]}
    assert {".mp4", ".mov", ".m4v", ".mkv", ".MOV", ".Mp4"} <= suffixes
    assert list(rule["Targets"][0]["Arn"]) == ["Ref"]
    assert rule["Targets"][0]["Arn"]["Ref"] in built.resources("AWS::StepFunctions::StateMachineAlias")


def test_a_throttled_chunk_of_either_function_is_an_alarm(build: Any) -> None:
    built = build(alarm_topic=lambda stack: aws_sns.Topic(stack, "Topic"))
    (alarm,) = (it for id, it in built.resources("AWS::CloudWatch::Alarm").items() if "Throttles" in id)
    metrics = [it["MetricStat"]["Metric"] for it in alarm["Metrics"] if "MetricStat" in it]
    functions = {re.sub("[0-9A-F]{8}$", "", it["Dimensions"][0]["Value"]["Ref"]) for it in metrics}
    assert ({it["MetricName"] for it in metrics}, functions) == ({"Throttles"}, {"VideosDetect", "VideosCover"})


def test_no_video_starts_before_the_state_machine_may_run_maps(build: Any) -> None:
    resources = build().document["Resources"]
    (policy,) = (id for id in resources if id.startswith("VideosMapPolicy"))
    (alias,) = (it for it in resources.values() if it["Type"] == "AWS::StepFunctions::StateMachineAlias")
    assert policy in alias["DependsOn"]


def test_the_functions_that_hold_videos_have_room_for_them(build: Any) -> None:
    sizes = {
        re.sub("[0-9A-F]{8}$", "", name): it.get("EphemeralStorage", {}).get("Size")
        for name, it in build().resources("AWS::Lambda::Function").items()
    }
    assert {name for name, size in sizes.items() if size == 10_240} == {
        "VideosProbe",
        "VideosDetect",
        "VideosCover",
        "VideosJoin",
    }


def test_a_sandbox_fits_into_its_function(build: Any) -> None:
    memory = min(
        it["MemorySize"] for name, it in build().resources("AWS::Lambda::Function").items() if "EphemeralStorage" in it
    )
    two_of_python = 2 * 200_000_000
    assert ProcessLimits().max_memory + two_of_python <= memory * 2**20


def test_a_topic_gets_alarms(build: Any) -> None:
    assert build().videos.alarms == []
    built = build(alarm_topic=lambda stack: aws_sns.Topic(stack, "Topic"))
    assert len(built.resources("AWS::CloudWatch::Alarm")) == len(built.videos.alarms) == 5


def test_cdk_nag_finds_nothing(tmp_path: Path) -> None:
    key = {"encryption_key": lambda stack: aws_kms.Key(stack, "Key", enable_key_rotation=True)}
    built = SynthesisedVideos(outdir=tmp_path, arguments={"source_prefix": "incoming/", **key})
    assert findings(built.app, below="Test/Videos") == []


def _redaction(**arguments: Any) -> None:
    stack = Stack(App(context={"safelight:platform": "local"}), "Test")
    source = aws_s3.Bucket(stack, "Uploads")
    given = {"source": source, "destination": aws_s3.Bucket(stack, "Redacted")} | arguments
    if given["destination"] == "source":
        given["destination"] = source
    VideoRedaction(stack, "Videos", **given)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"destination": "source"}, "destination is source"),
        ({"destination": "source", "source_prefix": "a/"}, "destination is source"),
        ({"destination": "source", "source_prefix": "a/", "destination_prefix": "a/b/"}, "destination is source"),
        ({"padding": 1.5}, "padding=1.5"),
        ({"padding": -0.1}, "padding=-0.1"),
        ({"max_concurrency": 0}, "max_concurrency=0"),
        ({"max_concurrency": 10_001}, "max_concurrency=10001"),
        ({"source_prefix": "/a"}, "source_prefix='/a'"),
        ({"destination_prefix": "a"}, "destination_prefix='a'"),
        ({"platform": Platform(architecture=Architecture.X86_64)}, "platform is x86_64"),
    ],
)
def test_what_contradicts_itself_is_refused(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        _redaction(**arguments)


@pytest.mark.parametrize("limits", [{"max_bytes": 3_000_000_001}, {"max_seconds": 0}])
def test_limits_out_of_range_are_refused(limits: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="VideoLimits"):
        VideoLimits(**limits)
