"""RedactionService: keeps redacted copies of the images of a bucket in another."""

from collections.abc import Sequence

from aws_cdk import (
    Duration,
    RemovalPolicy,
    aws_ec2,
    aws_events,
    aws_kms,
    aws_s3,
    aws_sns,
)
from constructs import Construct

from safelight.core.buckets import enable_event_bridge
from safelight.core.encryption import allow_services
from safelight.core.events import make_rules, object_events
from safelight.core.function import FunctionOptions, make_steps
from safelight.core.models import model_layer_code
from safelight.core.network import make_network
from safelight.core.platform import Platform
from safelight.core.queues import Batches, QueueTarget, feed_function
from safelight.core.scopes import ConstructInStack
from safelight.core.subnets import validate_subnets
from safelight.core.workflow_id import workflow_id as path_id
from safelight.redaction.alarms import make_redaction_alarms
from safelight.redaction.arguments import validate_bus, validate_calls, validate_places, validate_platform
from safelight.redaction.findings import acknowledge_findings
from safelight.redaction.outputs import make_outputs
from safelight.redaction.settings import SYSTEM, StepSettings
from safelight.redaction.steps import photo
from safelight_contracts.arguments import validated
from safelight_contracts.detectors import DETECTOR_MODELS, Detector
from safelight_contracts.development import Development
from safelight_contracts.limits import Limits
from safelight_contracts.redaction.redact import Redact
from safelight_contracts.redaction.service import ServiceSettings

_CHANGES = ("Object Created", "Object Deleted")
# Attempts are 10 seconds to 15 minutes apart: an hour in all.
_ATTEMPTS = 9
# Calls of one instance of the function, per second. It waits for each answer, and works in between.
_CALLS_OF_AN_INSTANCE = 2.5
# The minimum of SQS.
_LEAST_CONCURRENCY = 2
_CONCURRENCY_WITHOUT_CALLS = 10


class RedactionService(ConstructInStack):
    """Keeps a redacted copy of each image of a bucket in another bucket, under the same key.

    The copy is made of pixels alone, so it has no metadata of the upload. It is replaced when the upload is, and
    deleted when the upload is. Nothing is written when faces, text or plates cannot be searched for: the upload is
    tried again for an hour, and then its event goes to the queue of dead letters. Until a newer upload of a key has its
    copy, the copy of the earlier one stays.

    A GIF or BMP becomes a PNG, and a HEIC, JPEG 2000 or camera raw file a JPEG, under the same key, with the content
    type of what was written. Animations and TIFFs of several pages are rejected.

    Each upload has one outcome on the event bus: ``Image Redacted``, ``Image Rejected`` with a reason, or
    ``Image Failed``. Each is sent at least once.

    Parameters
    ----------
    scope
        The parent construct, such as a stack.
    id
        The id of this construct in the scope.
    source
        The bucket of the uploads, in the account and region of the service. It must send events to EventBridge: the
        service turns this on for a bucket of the same app. For an imported bucket, a warning says how.
    destination
        The bucket of the redacted copies. Nothing else should write there. In a bucket with versions, redacted copies
        that are replaced or deleted stay as versions, until a lifecycle rule of yours deletes them.
    redact
        What is covered, and how. Default: ``Redact()``, which fills faces.
    calls_per_second
        The most calls of Rekognition per second, 1 to 50, retries included. Two, or one for each 2.5 calls per second,
        instances of the function share it. Default: 5, which is the lowest quota of any region.
    source_prefix
        Only objects under this prefix are redacted, such as ``"incoming/"``. Default: every object.
    destination_prefix
        What is put before the key of an upload for the key of its copy, such as ``"redacted/"``. Default: nothing.
    limits
        Limits on the uploads: bytes, pixels, sides, frames, pixels per byte and processor seconds. Default:
        ``Limits()``.
    development
        How camera raw is developed. Default: as in ``ImageWorkflow``.
    event_bus
        The bus of the outcomes. Default: the account's default bus.
    platform
        Runtime and processor of the function. Default: the context key ``safelight:platform``, else Python 3.13 on
        arm64.
    vpc
        The function runs in this VPC. It calls S3, EventBridge, SQS and Rekognition, which it must reach by a NAT
        gateway or by endpoints. Default: no VPC.
    vpc_subnets
        The subnets of the function. Default: private subnets with a route to the internet, else isolated ones.
    security_groups
        The security groups of the function. Default: a new one, which allows outbound traffic only.
    encryption_key
        Encrypts queues, logs and environment variables. The buckets have their own keys. Default: keys of AWS.
    removal_policy
        What happens to the queue of dead letters and the logs when the stack is deleted. Default: they are retained,
        unless their creation fails.
    alarm_topic
        A topic for alarms, which CloudWatch must be allowed to publish to. Default: no alarms.

    Attributes
    ----------
    name : str
        The name of the service in events: ``detail.redaction``.
    function : Function
        The function that redacts.
    queue : Queue
        The events of uploads that wait.
    dead_letters : Queue
        The events of uploads that could not be redacted in any attempt. Start a redrive to try them again:
        ``aws sqs start-message-move-task --source-arn`` with the output ``RedactionDeadLettersArn``.
    alarms : list[Alarm]
        Every alarm. Empty without ``alarm_topic``.

    Raises
    ------
    ValueError
        If arguments contradict one another, or a copy would be redacted again. The message names the arguments and the
        way out.
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
        redact: Redact | None = None,
        calls_per_second: int | None = None,
        source_prefix: str = "",
        destination_prefix: str = "",
        limits: Limits | None = None,
        development: Development | None = None,
        event_bus: aws_events.IEventBus | None = None,
        platform: Platform | None = None,
        vpc: aws_ec2.IVpc | None = None,
        vpc_subnets: aws_ec2.SubnetSelection | None = None,
        security_groups: Sequence[aws_ec2.ISecurityGroup] | None = None,
        encryption_key: aws_kms.IKey | None = None,
        removal_policy: RemovalPolicy = RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
        alarm_topic: aws_sns.ITopic | None = None,
    ) -> None:
        super().__init__(scope, id)
        covered = redact or Redact()
        calls = validate_calls(calls_per_second, redact=covered)
        validate_places(
            self,
            source=source,
            destination=destination,
            source_prefix=source_prefix,
            destination_prefix=destination_prefix,
        )
        runs_on = platform or Platform.of(self.node)
        validate_platform(runs_on, redact=covered)
        bus = event_bus or aws_events.EventBus.from_event_bus_name(self, "Bus", "default")
        validate_bus(self, event_bus=bus)
        allow_services(self, encryption_key, user="service")
        validate_subnets(vpc, vpc_subnets=vpc_subnets)
        concurrency = _concurrency(calls, detector=covered.detector)
        self.name = path_id(self)
        settings = StepSettings(
            service=ServiceSettings(
                name=self.name,
                source_bucket=source.bucket_name,
                source_prefix=source_prefix,
                destination_bucket=destination.bucket_name,
                destination_prefix=destination_prefix,
                redact=covered,
                calls_per_second=calls / concurrency,
                attempts=_ATTEMPTS,
                event_bus=bus.event_bus_arn,
            ),
            limits=limits or Limits(),
            development=development,
            source=source,
            destination=destination,
            event_bus=bus,
        )
        definition = photo.STEP.adapt(photo.STEP, settings)
        step = make_steps(
            self,
            system=SYSTEM,
            definitions={definition.id: definition},
            layer_sources={DETECTOR_MODELS: model_layer_code},
            settings=settings,
            options=FunctionOptions(
                platform=runs_on,
                snap_start=False,
                network=make_network(
                    self, "Functions", vpc=vpc, vpc_subnets=vpc_subnets, security_groups=security_groups
                ),
                encryption_key=encryption_key,
                removal_policy=removal_policy,
            ),
        )[definition.id]
        self.function = step.function
        self.queue, self.dead_letters = feed_function(
            self,
            "Uploads",
            function=self.function,
            delay=Duration.seconds(0),
            encryption_key=encryption_key,
            removal_policy=removal_policy,
            # The last delivery announces that all attempts failed. A batch of one: an image can take minutes.
            batches=Batches(size=1, max_concurrency=concurrency, max_receives=_ATTEMPTS + 1),
        )
        enable_event_bridge(self, source, otherwise="no object is redacted")
        make_rules(
            self,
            "Changed",
            description="Notifies the redaction service of every upload that is created, replaced or deleted",
            event_patterns=[
                pattern
                for change in _CHANGES
                for pattern in object_events(change, bucket=source, key_prefix=source_prefix, key_suffixes=())
            ],
            target=QueueTarget(self.queue),
        )
        self.alarms = make_redaction_alarms(
            self, topic=alarm_topic, photo=step, queue=self.queue, dead_letters=self.dead_letters
        )
        make_outputs(
            self,
            source=source,
            source_prefix=source_prefix,
            destination=destination,
            destination_prefix=destination_prefix,
            function=self.function,
            dead_letters=self.dead_letters,
        )
        acknowledge_findings(settings=settings, photo=step, dead_letters=self.dead_letters)


def _concurrency(calls_per_second: int, *, detector: Detector) -> int:
    """Return the most instances of the function that run at the same time."""
    if detector is Detector.OPENCV:
        return _CONCURRENCY_WITHOUT_CALLS
    return max(_LEAST_CONCURRENCY, round(calls_per_second / _CALLS_OF_AN_INSTANCE))
