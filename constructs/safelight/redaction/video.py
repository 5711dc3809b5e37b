"""VideoRedaction: covers the faces in the videos of a bucket."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from aws_cdk import (
    Duration,
    RemovalPolicy,
    aws_cloudwatch,
    aws_ec2,
    aws_events,
    aws_kms,
    aws_s3,
    aws_sns,
    aws_stepfunctions,
)
from constructs import Construct

from safelight.core.buckets import enable_event_bridge, private_bucket
from safelight.core.encryption import allow_services
from safelight.core.function import FunctionOptions, Step, make_steps
from safelight.core.models import face_model_layer_code
from safelight.core.network import make_network
from safelight.core.platform import Architecture, Platform
from safelight.core.release import Release, version_on_layer_change
from safelight.core.scopes import ConstructInStack
from safelight.core.subnets import validate_subnets
from safelight.core.workflow_id import workflow_id
from safelight.redaction.arguments import validate_bus, validate_places
from safelight.redaction.copies import Copies, register_copies
from safelight.redaction.outputs import make_outputs
from safelight.redaction.video_alarms import make_video_alarms, video_widgets
from safelight.redaction.video_findings import acknowledge_findings
from safelight.redaction.video_machine import make_machine
from safelight.redaction.video_steps import VIDEO_STEPS, StepSettings
from safelight_contracts.arguments import validated
from safelight_contracts.detectors import DETECTOR_MODELS
from safelight_contracts.redaction.styles import Style
from safelight_contracts.redaction.videos import DEFAULT_VIDEO_LIMITS, WORK, VideoLimits, VideoSettings

# Step Functions' own limit for one Distributed Map.
_MAX_CONCURRENCY = 10_000


class VideoRedaction(ConstructInStack):
    """A Step Functions workflow that covers the faces in every video of a bucket.

    A video is cut into chunks at key frames. A detector that runs in the functions looks for faces, which are linked
    over the whole video, and covered in every frame. Then the chunks are joined without encoding them again, and sound
    is copied. Nothing else of the source passes: no location, no subtitles, no cover art, no frames that an edit list
    hides. One object is written when the result is validated, under the key of the source. If anything fails, nothing
    is written. A redacted video stays when its source is deleted later.

    The boxes of each redacted video and two contact sheets are kept in the work bucket, for review. One sheet shows
    frames of the source as they are: give access to it only to people who may see the source.

    The functions contain PyAV's wheel, which has encoders under the GPL. Your own build installs it.

    Parameters
    ----------
    scope
        The parent construct, such as a stack.
    id
        The id of this construct in the scope.
    source
        The bucket of videos: keys that end with .mp4, .mov, .m4v or .mkv. It must send events to EventBridge: this is
        turned on for a bucket of the same app. For an imported bucket, a warning says how.
    destination
        The bucket of redacted videos. Nothing else is ever written there.
    style
        How a face is covered. Default: ``Style.FILL``. The others leave at most 5 samples a side.
    padding
        How far each side of a box is moved outwards, as a part of the box's width or height: 0 to 1. Default: 0.15.
    source_prefix
        Only videos under this prefix are redacted, such as ``"incoming/"``. Default: every video.
    destination_prefix
        A prefix of every redacted video's key. Default: none.
    max_concurrency
        The most chunks that are worked on at the same time for one video, 1 to 10,000. Default: 40.
    limits
        Limits of bytes, pixels, seconds and frames. Default: ``VideoLimits()``.
    event_bus
        The bus for ``Video Redacted``, ``Video Rejected`` and ``Video Failed``. Default: the account's default bus.
    alarm_topic
        Is notified when something fails. Default: there are no alarms.
    platform
        Runtime and processor of the functions. On x86_64, detector and codec are too large for one function. Default:
        the context key ``safelight:platform``, else Python 3.13 on arm64.
    vpc
        The functions run in this VPC, from which they must reach S3. Default: no VPC.
    vpc_subnets
        The subnets of the functions. Default: private subnets with a route to the internet, else isolated ones.
    security_groups
        The security groups of the functions. Default: a new one for all functions, which allows outbound traffic only.
    encryption_key
        Encrypts everything that is made: the work bucket, queue, logs, environment variables, and the definition and
        history of the state machine. Default: keys of AWS. Redacted videos have the key of ``destination``.
    removal_policy
        What happens to the work bucket, the queue and the logs when the stack is deleted. Default: they are retained,
        unless their creation fails.
    log_level
        Which events of executions are logged. Default: ``LogLevel.ALL``.
    release
        How a deployment moves videos to the new version. Default: ``Release.all_at_once()``.

    Attributes
    ----------
    work : Bucket
        The private bucket of plans, detections and chunks, under ``work/``, and of the reviews of redacted videos,
        under ``reviews/``. An execution removes its own files under ``work/`` at its end, and what is left there
        expires after a day. Reviews stay until you delete them, or a lifecycle rule of yours does.
    steps : Mapping[str, Step]
        The Lambda functions, by the names of their packages, such as ``videos.steps["detect"].function``.
    state_machine, live, log_group : StateMachine, CfnStateMachineAlias, LogGroup
        The state machine, the alias of its released version, and its log group.
    rules, dead_letters : list[Rule], Queue
        The EventBridge rules that start the alias, and the events that they could not deliver.
    event_bus : IEventBus
        The bus of events.
    alarms : list[Alarm]
        Every alarm, if there is a topic.

    Raises
    ------
    ValueError
        If arguments contradict one another, are out of range, or redacted videos would be redacted again.
    TypeError
        If an argument has a wrong type. The message names it, and what to pass.
    """

    @validated
    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        source: aws_s3.IBucket,
        destination: aws_s3.IBucket,
        style: Style = Style.FILL,
        padding: float = 0.15,
        source_prefix: str = "",
        destination_prefix: str = "",
        max_concurrency: int = 40,
        limits: VideoLimits | None = None,
        event_bus: aws_events.IEventBus | None = None,
        alarm_topic: aws_sns.ITopic | None = None,
        platform: Platform | None = None,
        vpc: aws_ec2.IVpc | None = None,
        vpc_subnets: aws_ec2.SubnetSelection | None = None,
        security_groups: Sequence[aws_ec2.ISecurityGroup] | None = None,
        encryption_key: aws_kms.IKey | None = None,
        removal_policy: RemovalPolicy = RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
        log_level: aws_stepfunctions.LogLevel = aws_stepfunctions.LogLevel.ALL,
        release: Release | None = None,
    ) -> None:
        super().__init__(scope, id)
        version_on_layer_change(self.node)
        used_platform = platform or Platform.of(self.node)
        _validate_numbers(padding=padding, max_concurrency=max_concurrency)
        _validate_platform(used_platform)
        validate_places(
            self,
            source=source,
            source_prefix=source_prefix,
            targets={"destination": (destination, destination_prefix)},
        )
        written = f"{destination_prefix}{source_prefix}"
        register_copies(self, Copies(bucket=destination, prefix=written, of="videos"))
        allow_services(self, encryption_key, user="redaction")
        validate_subnets(vpc, vpc_subnets=vpc_subnets)
        network = make_network(self, "Functions", vpc=vpc, vpc_subnets=vpc_subnets, security_groups=security_groups)
        enable_event_bridge(self, source, otherwise="no video starts an execution")
        self.event_bus = event_bus or aws_events.EventBus.from_event_bus_name(self, "Bus", "default")
        validate_bus(self, event_bus=self.event_bus)
        self.work = private_bucket(self, "Work", encryption_key=encryption_key, removal_policy=removal_policy)
        self.work.add_lifecycle_rule(id="ExpireWork", prefix=WORK, expiration=Duration.days(1))
        settings = StepSettings(
            redaction=VideoSettings(
                destination_bucket=destination.bucket_name,
                destination_prefix=destination_prefix,
                work_bucket=self.work.bucket_name,
                style=style,
                padding=padding,
                limits=limits or DEFAULT_VIDEO_LIMITS,
            ),
            source=source,
            source_prefix=source_prefix,
            destination=destination,
            destination_prefix=destination_prefix,
            work=self.work,
        )
        made = make_steps(
            self,
            system="redaction",
            definitions=VIDEO_STEPS,
            layer_sources={DETECTOR_MODELS: face_model_layer_code},
            settings=settings,
            options=FunctionOptions(
                platform=used_platform,
                snap_start=False,
                network=network,
                encryption_key=encryption_key,
                removal_policy=removal_policy,
            ),
        )
        self.steps: Mapping[str, Step] = MappingProxyType({VIDEO_STEPS[id].package: step for id, step in made.items()})
        self._machine = make_machine(
            self,
            steps=made,
            settings=settings,
            workflow_id=workflow_id(self),
            event_bus=self.event_bus,
            max_concurrency=max_concurrency,
            release=release or Release.all_at_once(),
            log_level=log_level,
            encryption_key=encryption_key,
            removal_policy=removal_policy,
        )
        machine = self._machine
        self.log_group, self.state_machine, self.live = machine.log_group, machine.state_machine, machine.live
        self.rules, self.dead_letters = machine.rules, machine.dead_letters
        self.alarms = make_video_alarms(self, topic=alarm_topic, machine=machine, steps=self.steps)
        self._make_outputs(settings)
        acknowledge_findings(self, steps=made.values(), machine=machine, settings=settings)

    def widgets(self) -> list[aws_cloudwatch.IWidget]:
        """Return graphs of videos, functions and messages, for a dashboard of yours."""
        return video_widgets(machine=self._machine, steps=dict(self.steps))

    def _make_outputs(self, settings: StepSettings) -> None:
        outputs = {
            "VideoSourceBucketName": ("Upload videos here", settings.source.bucket_name),
            "VideoSourcePrefix": ("Only videos under this prefix are redacted", settings.source_prefix),
            "RedactedVideosBucketName": ("Redacted videos appear here", settings.destination.bucket_name),
            "RedactedVideosPrefix": ("What the keys of redacted videos begin with", settings.destination_prefix),
            "VideoReviewsBucketName": ("Boxes and contact sheets, for review", settings.work.bucket_name),
            "VideoRedactionArn": ("Redacts videos", self.state_machine.state_machine_arn),
        }
        make_outputs(self, outputs)


def _validate_numbers(*, padding: float, max_concurrency: int) -> None:
    if not 0 <= padding <= 1:
        raise ValueError(f"padding={padding} is a part of the box's side and must be 0 to 1.")
    if not 1 <= max_concurrency <= _MAX_CONCURRENCY:
        raise ValueError(
            f"max_concurrency={max_concurrency} must be 1 to {_MAX_CONCURRENCY:,}, the limit of Step Functions."
        )


def _validate_platform(platform: Platform) -> None:
    # Lambda unpacks 250 MB at most. Those of this machine have no such limit.
    if platform.architecture is Architecture.X86_64 and platform.interpreter is None:
        raise ValueError(
            "platform is x86_64, where OpenCV and the codecs together exceed the 250 MB that Lambda unpacks for a "
            "function. Use Platform(architecture=Architecture.ARM64)."
        )
