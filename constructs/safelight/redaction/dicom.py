"""DicomDeidentification: releases medical images without what names the patient."""

from collections.abc import Sequence

from aws_cdk import (
    RemovalPolicy,
    aws_ec2,
    aws_events,
    aws_kms,
    aws_s3,
    aws_secretsmanager,
    aws_sns,
)
from constructs import Construct

from safelight.core.encryption import allow_services
from safelight.core.function import FunctionOptions
from safelight.core.models import text_model_layer_code
from safelight.core.nag import acknowledge
from safelight.core.network import make_network
from safelight.core.platform import Platform
from safelight.core.scopes import ConstructInStack
from safelight.core.subnets import validate_subnets
from safelight.core.workflow_id import workflow_id as path_id
from safelight.redaction.arguments import validate_bus, validate_places
from safelight.redaction.dicom_arguments import validate_concurrency, validate_quarantine, validate_room
from safelight.redaction.findings import acknowledge_findings
from safelight.redaction.outputs import dead_letters_output, make_outputs
from safelight.redaction.steps import dicom
from safelight.redaction.upload_function import make_upload_function
from safelight.redaction.uploads import ATTEMPTS
from safelight_contracts.arguments import validated
from safelight_contracts.redaction.dicom import Dates, DicomSettings

# More random bits than HMAC-SHA256 uses.
_KEY_CHARACTERS = 64


class DicomDeidentification(ConstructInStack):
    """Releases the medical images (DICOM) of a bucket without what names the patient, into another bucket.

    It follows the basic profile of DICOM PS3.15 (table E.1-1 of 2026c) and is no certified process: nobody has
    validated it for your devices, and faint text in pictures can be missed. Whoever releases files is responsible for
    the review.

    A released file has the key ``STUDY/SERIES/INSTANCE.dcm`` of its new UIDs. What is not sure to be free of names is
    copied to the quarantine as it is, with a reason. Nothing is written when the work cannot be done: the upload is
    tried again for an hour, or for up to 10 hours if attempts time out. Then its event goes to the queue of dead
    letters.

    The current version of an upload decides. When an upload is deleted, or a newer one has its outcome, what was made
    from the earlier one is deleted from the destination and from the quarantine. Two uploads of one instance give one
    file: that of the later one, and it is deleted with that one.

    Keys, metadata, logs and events hold no value of a file and no key of an upload, but a keyed hash of it. The events
    that wait in the queue and in the queue of dead letters are S3's own, and hold the key.

    Parameters
    ----------
    scope
        The parent construct, such as a stack.
    id
        The id of this construct in the scope.
    source
        The bucket of the uploads, in the account and region of this construct. It must send events to EventBridge: this
        is turned on for a bucket of the same app. For an imported bucket, a warning says how.
    destination
        The bucket of released files. Nothing else should write there. In a bucket with versions, files that are
        replaced or deleted stay as versions, until a lifecycle rule of yours deletes them.
    quarantine
        The bucket of uploads that are put aside, and of a private index. It holds names of patients, so it cannot be
        ``destination``, and who reads released files should have no access. Versions stay there, too.
    dates
        What becomes of dates. Default: ``Dates.EMPTY``. ``Dates.SHIFT`` keeps the distances between a patient's dates.
    find_text
        Whether text that is burned into pictures is found and filled. ``False`` is for files that cannot have any: then
        those whose header says that they have text are put aside, and ultrasound whose header does not say that it has
        none. Default: True.
    key_secret
        A secret of Secrets Manager whose text is the key of the pseudonyms: 32 characters or more, better 64 random
        ones. Never rotate it: the same patient would get other pseudonyms, and files of earlier uploads would no longer
        be found when they are to be deleted. Who has it can tell which patient a pseudonym means. Default: a new one.
    source_prefix
        Only objects under this prefix are worked on, such as ``"incoming/"``. Default: every object.
    destination_prefix, quarantine_prefix
        What the keys in these buckets begin with, such as ``"released/"``. Default: nothing.
    max_concurrency
        The most files that are worked on at the same time, 2 to 1,000. Default: 10.
    event_bus
        The bus of the outcomes: ``Dicom Deidentified``, ``Dicom Quarantined`` and ``Dicom Failed``. Default: the
        account's default bus.
    platform
        Runtime and processor of the function. With ``find_text``, the layers are too large for x86_64. Default: the
        context key ``safelight:platform``, else Python 3.13 on arm64.
    vpc
        The function runs in this VPC. It calls S3, Secrets Manager, EventBridge and SQS, which it must reach by a NAT
        gateway or by endpoints. Default: no VPC.
    vpc_subnets
        The subnets of the function. Default: private subnets with a route to the internet, else isolated ones.
    security_groups
        The security groups of the function. Default: a new one, which allows outbound traffic only.
    encryption_key
        Encrypts queues, logs, environment variables and the new secret. The buckets have their own keys. Default: keys
        of AWS.
    removal_policy
        What happens to the new secret, the queue of dead letters and the logs when the stack is deleted. Default: they
        are retained, unless their creation fails.
    alarm_topic
        A topic for alarms, which CloudWatch must be allowed to publish to. Default: no alarms.

    Attributes
    ----------
    name : str
        The name of this construct in events: ``detail.redaction``.
    function : Function
        The function that de-identifies.
    key_secret : ISecret
        The secret with the key of the pseudonyms.
    queue : Queue
        The events of uploads that wait.
    dead_letters : Queue
        The events of uploads that failed in every attempt. Start a redrive to try them again.
    alarms : list[Alarm]
        Every alarm. Empty without ``alarm_topic``.

    Raises
    ------
    ValueError
        If arguments contradict one another. The message names the arguments and the way out.
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
        quarantine: aws_s3.IBucket,
        dates: Dates = Dates.EMPTY,
        find_text: bool = True,
        key_secret: aws_secretsmanager.ISecret | None = None,
        source_prefix: str = "",
        destination_prefix: str = "",
        quarantine_prefix: str = "",
        max_concurrency: int = 10,
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
        validate_concurrency(max_concurrency)
        validate_quarantine(self, destination=destination, quarantine=quarantine)
        validate_places(
            self,
            source=source,
            source_prefix=source_prefix,
            targets={
                "destination": (destination, destination_prefix),
                "quarantine": (quarantine, quarantine_prefix),
            },
        )
        runs_on = platform or Platform.of(self.node)
        validate_room(runs_on, find_text=find_text)
        bus = event_bus or aws_events.EventBus.from_event_bus_name(self, "Bus", "default")
        validate_bus(self, event_bus=bus)
        allow_services(self, encryption_key, user="de-identification")
        validate_subnets(vpc, vpc_subnets=vpc_subnets)
        self.name = path_id(self)
        self.key_secret = key_secret or _make_secret(self, encryption_key=encryption_key, removal_policy=removal_policy)
        settings = dicom.DicomStepSettings(
            dicom=DicomSettings(
                name=self.name,
                source_bucket=source.bucket_name,
                source_prefix=source_prefix,
                destination_bucket=destination.bucket_name,
                destination_prefix=destination_prefix,
                quarantine_bucket=quarantine.bucket_name,
                quarantine_prefix=quarantine_prefix,
                key_secret=self.key_secret.secret_arn,
                dates=dates,
                find_text=find_text,
                attempts=ATTEMPTS,
                event_bus=bus.event_bus_arn,
            ),
            source=source,
            destination=destination,
            quarantine=quarantine,
            key_secret=self.key_secret,
            event_bus=bus,
        )
        made = make_upload_function(
            self,
            definition=dicom.STEP,
            settings=settings,
            layer_sources={dicom.TEXT_MODELS: text_model_layer_code},
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
            max_concurrency=max_concurrency,
            alarm_topic=alarm_topic,
            otherwise="raise max_concurrency",
        )
        self.function, self.alarms = made.step.function, made.alarms
        self.queue, self.dead_letters = made.queue, made.dead_letters
        make_outputs(
            self,
            {
                "DicomSourceBucketName": ("Upload medical images here", source.bucket_name),
                "DicomSourcePrefix": ("Only uploads under this prefix are worked on", source_prefix),
                "ReleasedDicomBucketName": ("Released files appear here", destination.bucket_name),
                "ReleasedDicomPrefix": ("What the keys of released files begin with", destination_prefix),
                "DicomQuarantineBucketName": ("Files that are put aside appear here", quarantine.bucket_name),
                "DicomQuarantinePrefix": ("What the keys in the quarantine begin with", quarantine_prefix),
                "DicomKeySecretArn": ("The key of pseudonyms. Never rotate it", self.key_secret.secret_arn),
                "DicomDeidentificationArn": ("De-identifies", self.function.function_arn),
                **dead_letters_output(self.dead_letters.queue_arn),
            },
        )
        acknowledge_findings(
            step=made.step,
            dead_letters=self.dead_letters,
            places=(settings.uploads, settings.released, settings.aside),
        )


def _make_secret(
    scope: Construct, *, encryption_key: aws_kms.IKey | None, removal_policy: RemovalPolicy
) -> aws_secretsmanager.Secret:
    secret = aws_secretsmanager.Secret(
        scope,
        "Key",
        description="De-identification of medical images: the key of the pseudonyms. Never rotate it",
        generate_secret_string=aws_secretsmanager.SecretStringGenerator(
            password_length=_KEY_CHARACTERS, exclude_punctuation=True
        ),
        encryption_key=encryption_key,
        removal_policy=removal_policy,
    )
    acknowledge(secret, "SMG4", "With another key, the same patient would get other pseudonyms.")
    return secret
