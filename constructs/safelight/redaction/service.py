"""RedactionService: keeps redacted copies of the images of a bucket in another."""

from collections.abc import Sequence

from aws_cdk import (
    RemovalPolicy,
    aws_ec2,
    aws_events,
    aws_kms,
    aws_s3,
    aws_sns,
)
from constructs import Construct

from safelight.core.buckets import private_bucket
from safelight.core.encryption import allow_services
from safelight.core.function import FunctionOptions
from safelight.core.models import model_layer_code
from safelight.core.nag import acknowledge
from safelight.core.network import make_network
from safelight.core.platform import Platform
from safelight.core.scopes import ConstructInStack
from safelight.core.subnets import validate_subnets
from safelight.core.workflow_id import workflow_id as path_id
from safelight.redaction.arguments import validate_bus, validate_calls, validate_places, validate_platform
from safelight.redaction.copies import Copies, register_copies
from safelight.redaction.findings import acknowledge_findings
from safelight.redaction.outputs import dead_letters_output, make_outputs
from safelight.redaction.settings import StepSettings
from safelight.redaction.steps import photo
from safelight.redaction.upload_function import make_upload_function
from safelight.redaction.uploads import ATTEMPTS
from safelight_contracts.arguments import validated
from safelight_contracts.detectors import DETECTOR_MODELS, Detector
from safelight_contracts.development import Development
from safelight_contracts.limits import Limits
from safelight_contracts.redaction.redact import Redact
from safelight_contracts.redaction.service import ServiceSettings

# Calls of one instance of the function, per second. It waits for each answer, and works in between.
_CALLS_OF_AN_INSTANCE = 2.5
# The minimum of SQS.
_LEAST_CONCURRENCY = 2
_CONCURRENCY_WITHOUT_CALLS = 10


class RedactionService(ConstructInStack):
    """Keeps a redacted copy of each image of a bucket in another bucket, under the same key.

    The copy is made of pixels alone, so it has no metadata of the upload. It is replaced when the upload is, and
    deleted when the upload is. Nothing is written when faces, text or plates cannot be searched for: the upload is
    tried again for an hour, or for up to 14 hours if attempts time out. Then its event goes to the queue of dead
    letters. Until a newer upload of a key has its
    copy, the copy of the earlier one stays.

    A GIF or BMP becomes a PNG, and a HEIC, JPEG 2000 or camera raw file a JPEG, under the same key, with the content
    type of what was written. Animations and TIFFs of several pages are rejected.

    The boxes of each copy are kept in a private bucket, for review. They say where something was covered, and not what.

    Each upload has an outcome on the event bus: ``Image Redacted``, ``Image Rejected`` with a reason, or
    ``Image Failed``. An upload that was replaced or deleted before it was redacted is rejected as ``SUPERSEDED`` or
    ``WITHDRAWN``. An outcome is sent once for each event of S3, which arrives at least once.

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
        The bucket of the redacted copies. Nothing else should write there, and no other service may have copies under
        the same keys. In a bucket with versions, redacted copies that are replaced or deleted stay as versions, until a
        lifecycle rule of yours deletes them.
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
        Encrypts the bucket of boxes, queues, logs and environment variables. ``source`` and ``destination`` have their
        own keys. Default: keys of AWS.
    removal_policy
        What happens to the bucket of boxes, the queue of dead letters and the logs when the stack is deleted. Default:
        they are retained, unless their creation fails.
    alarm_topic
        A topic for alarms, which CloudWatch must be allowed to publish to. Default: no alarms.

    Attributes
    ----------
    name : str
        The name of the service in events: ``detail.redaction``.
    function : Function
        The function that redacts.
    reviews : Bucket
        The private bucket of the boxes of each copy, under ``reviews/``. They are written before the copy, and deleted
        after it.
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
            source_prefix=source_prefix,
            targets={"destination": (destination, destination_prefix)},
        )
        runs_on = platform or Platform.of(self.node)
        validate_platform(runs_on, redact=covered)
        bus = event_bus or aws_events.EventBus.from_event_bus_name(self, "Bus", "default")
        validate_bus(self, event_bus=bus)
        allow_services(self, encryption_key, user="service")
        validate_subnets(vpc, vpc_subnets=vpc_subnets)
        concurrency = _concurrency(calls, detector=covered.detector)
        self.name = path_id(self)
        self.reviews = private_bucket(self, "Reviews", encryption_key=encryption_key, removal_policy=removal_policy)
        acknowledge(self.reviews, "S1", "It keeps where something was covered. CloudTrail can log who reads it.")
        settings = StepSettings(
            service=ServiceSettings(
                name=self.name,
                source_bucket=source.bucket_name,
                source_prefix=source_prefix,
                destination_bucket=destination.bucket_name,
                destination_prefix=destination_prefix,
                reviews_bucket=self.reviews.bucket_name,
                redact=covered,
                calls_per_second=calls / concurrency,
                attempts=ATTEMPTS,
                event_bus=bus.event_bus_arn,
            ),
            limits=limits or Limits(),
            development=development,
            source=source,
            destination=destination,
            reviews=self.reviews,
            event_bus=bus,
        )
        bucket, prefix = settings.copies
        register_copies(self, Copies(bucket=bucket, prefix=prefix, of="photographs"))
        made = make_upload_function(
            self,
            definition=photo.STEP,
            settings=settings,
            layer_sources={DETECTOR_MODELS: model_layer_code},
            options=FunctionOptions(
                platform=runs_on,
                snap_start=False,
                network=make_network(
                    self, "Functions", vpc=vpc, vpc_subnets=vpc_subnets, security_groups=security_groups
                ),
                encryption_key=encryption_key,
                removal_policy=removal_policy,
            ),
            uploads=settings.uploads,
            max_concurrency=concurrency,
            alarm_topic=alarm_topic,
            otherwise="raise calls_per_second together with the quotas of Rekognition in Service Quotas",
        )
        self.function, self.alarms = made.step.function, made.alarms
        self.queue, self.dead_letters = made.queue, made.dead_letters
        make_outputs(
            self,
            {
                "PhotoSourceBucketName": ("Upload images here", source.bucket_name),
                "PhotoSourcePrefix": ("Only uploads under this prefix are redacted", source_prefix),
                "RedactedPhotosBucketName": ("Redacted copies appear here", destination.bucket_name),
                "RedactedPhotosPrefix": ("What is put before the key of an upload", destination_prefix),
                "PhotoReviewsBucketName": ("The boxes of redacted copies, for review", self.reviews.bucket_name),
                "PhotoRedactionArn": ("Redacts. Commands read its log", self.function.function_arn),
                **dead_letters_output(self.dead_letters.queue_arn),
            },
        )
        acknowledge_findings(
            step=made.step,
            dead_letters=self.dead_letters,
            places=(settings.uploads, settings.copies, settings.boxes),
        )


def _concurrency(calls_per_second: int, *, detector: Detector) -> int:
    """Return the most instances of the function that run at the same time."""
    if detector is Detector.OPENCV:
        return _CONCURRENCY_WITHOUT_CALLS
    return max(_LEAST_CONCURRENCY, round(calls_per_second / _CALLS_OF_AN_INSTANCE))
