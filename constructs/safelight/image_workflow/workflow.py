"""ImageWorkflow: processes the images that are uploaded to a bucket."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

from aws_cdk import (
    Duration,
    RemovalPolicy,
    aws_dynamodb,
    aws_ec2,
    aws_events,
    aws_kms,
    aws_lambda,
    aws_s3,
    aws_stepfunctions,
)
from constructs import Construct

from safelight.core.encryption import allow_services
from safelight.core.function import FunctionOptions, Step
from safelight.core.network import make_network
from safelight.core.platform import Platform
from safelight.core.prefixes import validate_prefix
from safelight.core.release import Release, version_on_layer_change
from safelight.core.scopes import ConstructInStack
from safelight.core.subnets import validate_subnets
from safelight.core.workflow_id import workflow_id
from safelight.image_workflow.cache_control import DEFAULT_CACHE_CONTROL, CacheControl
from safelight.image_workflow.checks import validate_confidence
from safelight.image_workflow.definitions import read_definition, validate_used
from safelight.image_workflow.findings import acknowledge_findings
from safelight.image_workflow.functions import make_functions
from safelight.image_workflow.intake import Traffic, register_traffic, validate_suffixes
from safelight.image_workflow.machine import make_machine
from safelight.image_workflow.on_delete import OnDelete
from safelight.image_workflow.on_reject import OnReject
from safelight.image_workflow.outputs import make_outputs
from safelight.image_workflow.plan import plan_workflow
from safelight.image_workflow.resources import make_resources
from safelight.image_workflow.routes import Route
from safelight.image_workflow.settings import (
    StepSettings,
    validate_keep_replaced,
    validate_min_pixels,
    validate_renditions,
    validate_types,
)
from safelight.image_workflow.substitutions import make_substitutions
from safelight.image_workflow.versions import WorkflowVersion
from safelight_contracts.arguments import validated
from safelight_contracts.detectors import Detector
from safelight_contracts.development import Development
from safelight_contracts.image_types import ImageType
from safelight_contracts.limits import Limits
from safelight_contracts.renditions import Rendition


class ImageWorkflow(ConstructInStack):
    """A Step Functions workflow that processes every image uploaded to a bucket.

    Each upload ends with one recorded outcome: ``PUBLISHED``, ``REJECTED`` with a reason, or ``FAILED``.

    Parameters
    ----------
    scope
        The parent construct, such as a stack.
    id
        The id of this construct in the scope.
    version
        The released workflow to run. Default: the newest, ``WorkflowVersion.V5``.
    min_pixels
        The smallest accepted side in pixels, as displayed. Default: 800 in v3, 500 otherwise.
    allowed_types
        The accepted image types. Default: JPEG; in v5 every ``ImageType``.
    min_confidence
        Percent, 0 to 100. Labels below this confidence are ignored. Default: Rekognition's own defaults, 50 for
        moderation and 55 for labels. In v5 each check has its own.
    routes
        The checks that an image must pass, by the type of its place. Default: ``DEFAULT_ROUTES``, or none if you give a
        ``default_route``.
    default_route
        The checks of every other image: its place's type has no route, or the place has no listing. Default: those
        images are rejected as ``UNSUPPORTED_PLACE_TYPE`` or ``PLACE_NOT_FOUND``.
    detector
        The detector of the check ``no_people``. Default: ``Detector.REKOGNITION``.
    on_reject
        What happens to the original of an image that a check rejected. Default: ``OnReject.KEEP``. The other values
        need a versioned upload bucket.
    on_delete
        What happens to renditions when their upload is deleted. Default: ``OnDelete.KEEP``.
    renditions
        The renditions of each upload. Default: ``DEFAULT_RENDITIONS``, a 400 x 400 tile and an image 600 pixels wide.
    limits
        Limits on bytes, pixels, sides, frames, pixels per byte and processor seconds. Default: ``Limits()``.
    development
        How camera raw files are developed, for checks and renditions alike. Default: ``Development()``, the camera's
        own preview if it has the full size.
    upload_bucket
        The bucket of uploads, in the account and region of the workflow. It must send events to EventBridge: the
        workflow turns this on for a bucket of the same app. For an imported bucket, a warning says how. Default: a new
        private, versioned, encrypted bucket.
    published_bucket
        The bucket of renditions. Their keys are ``{upload key}/{attempt}/{name}.{ext}``. The attempt is 32 hexadecimal
        digits that cannot be guessed. Default: a new private, encrypted bucket.
    published_prefix
        A prefix of every rendition's key. Default: none.
    keep_replaced
        How long the renditions of a replaced upload stay, so that open pages keep working. Default: one day.
    cache_control
        The ``Cache-Control`` of renditions. Default: ``CacheControl.max_age(Duration.minutes(5))``.
    records
        A table with string keys ``pk`` and ``sk``. Workflows can share it. Default: a new table.
    event_bus
        The bus for ``Image Published``, ``Image Rejected``, ``Image Failed`` and ``Image Withdrawn``. It can be in
        another account, but not in another region. Default: the account's default bus.
    key_prefix
        Only uploads under this prefix start the workflow, such as ``"incoming/"``. The place's id is the next segment
        of the key. Default: every upload.
    key_suffixes
        Only uploads whose keys end with one of these start the workflow, such as ``[".jpg", ".JPG"]``. Upper and lower
        case are different, and a warning names one without a dot. Default: every upload.
    platform
        Runtime and processor of the functions. Default: the context key ``safelight:platform``, else Python 3.13 on
        arm64.
    vpc
        The functions run in this VPC. They call S3, DynamoDB, EventBridge, Step Functions and Rekognition, which they
        must reach by a NAT gateway or by endpoints. Default: no VPC.
    vpc_subnets
        The subnets of the functions. Default: private subnets with a route to the internet, else isolated ones.
    security_groups
        The security groups of the functions. Default: a new one for all functions, which allows outbound traffic only.
    encryption_key
        Encrypts everything that is made: buckets, table, queues, logs, environment variables, and the definition and
        history of the state machine. Roles and services may use it for nothing else. Default: keys of AWS. Copies of
        uploads then have the key of ``upload_bucket``, if it has one.
    removal_policy
        What happens to the workflow's own buckets, table, queues and logs when the stack is deleted. Default: they are
        retained, unless their creation fails. ``RETAIN`` retains them even then, and protects the table from deletion.
    keep_noncurrent
        How long noncurrent versions stay in the new upload bucket, in whole days. A retry of an execution needs the
        version of its upload. Default: 30 days.
    definition
        An ASL file of your own, instead of a released version. It can use the placeholders ``${NameFunctionArn}`` for
        each name in ``STEP_DEFINITIONS`` and ``functions``, ``${RecordsTableName}``, ``${WorkflowId}``,
        ``${EventBusName}``, ``${KeyPrefix}``, ``${Routes}`` and ``${Checks}`` (JSON in base64), and ``${OnReject}``.
        The workflow has only the steps that the file names, and those of the routes' checks. Default: the definition
        of ``version``.
    functions
        Your own functions that ``definition`` invokes, by the name before ``FunctionArn``. A ``Function`` of the same
        stack is invoked at its current version, anything else as it is. Default: none.
    type
        ``StateMachineType.STANDARD`` or ``.EXPRESS``. Express costs a fraction of Standard. It has no execution
        history except its log, which has no inputs and outputs, and no redrive. It can run twice for one upload. It
        ends after five minutes, so it waits seconds for throttling to end, not half an hour. If it is cut off, its
        record is closed within about an hour. If you change the type, the deployment makes a new state machine with
        its own alias, moves uploads to it, and deletes the old one. This stops executions that still run: stop uploads
        and wait for them first, or process their images again afterwards. Default: Standard.
    snap_start
        Start functions from a Lambda snapshot. Cold starts then take some hundred milliseconds instead of a second or
        two. It needs Python 3.12 or newer. Each published version costs a fee for as long as it exists, about 7 USD a
        month for 1,769 MB. Versions are retained, so delete old ones. Default: no snapshots.
    log_level
        Which events of executions are logged. ``LogLevel.ALL`` costs about 10 USD for a million images. With less,
        ``safelight logs`` and the query *Slowest uploads* do not show every execution, and Express has no complete
        history. Default: ``LogLevel.ALL``.
    release
        How a deployment moves uploads to the new version, such as ``Release.canary(percent=10, bake=...)``, which
        rolls back when an execution fails. Default: ``Release.all_at_once()``.

    Attributes
    ----------
    upload_bucket, published_bucket, records, event_bus : IBucket, IBucket, ITable, IEventBus
        The buckets of uploads and of renditions, the table of records, and the bus of events.
    key_prefix, key_suffixes : str, tuple[str, ...]
        The prefix and the suffixes of the uploads that start the workflow. Empty: every upload does.
    workflow_id : str
        The workflow's id in records and events.
    encryption_key, security_groups : IKey | None, tuple[ISecurityGroup, ...]
        The key of everything that is made, and the security groups of the functions, if there are any.
    type, log_level : StateMachineType, LogLevel
        Standard or Express, and which events of executions are logged.
    analysis_bucket, quarantine_bucket : Bucket | None
        The bucket of the images that checks look at, which keeps them for a day, and the bucket of rejected uploads.
        ``None`` if the workflow does not use it.
    steps : Mapping[str, Step]
        The Lambda functions of the steps, by the names of their packages, such as
        ``workflow.steps["publish"].function``.
    state_machine, log_group : StateMachine, LogGroup
        The state machine and its log group.
    live : CfnStateMachineAlias
        The alias of the released version. Its ``ref`` is the ARN. An execution that you start on it runs what uploads
        run.
    rules, dead_letters : list[Rule], Queue
        The EventBridge rules that start the alias, one or more, and the events that they could not deliver.
    background_dead_letters : list[Queue]
        The messages that the sweeper, and the function that withdraws, could not handle.

    Raises
    ------
    ValueError
        If arguments contradict one another, or the version does not use one of them. The message names the arguments
        and the way out.
    TypeError
        If an argument has a wrong type. The message names it, and what to pass.
    """

    @validated
    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        version: WorkflowVersion | None = None,
        min_pixels: int | None = None,
        allowed_types: Iterable[ImageType] | None = None,
        min_confidence: float | None = None,
        routes: Mapping[str, Route] | None = None,
        default_route: Route | None = None,
        detector: Detector | None = None,
        on_reject: OnReject | None = None,
        on_delete: OnDelete | None = None,
        renditions: Sequence[Rendition] | None = None,
        limits: Limits | None = None,
        development: Development | None = None,
        upload_bucket: aws_s3.IBucket | None = None,
        published_bucket: aws_s3.IBucket | None = None,
        published_prefix: str | None = None,
        keep_replaced: Duration | None = None,
        cache_control: CacheControl | None = None,
        records: aws_dynamodb.ITable | None = None,
        event_bus: aws_events.IEventBus | None = None,
        key_prefix: str = "",
        key_suffixes: Iterable[str] | None = None,
        platform: Platform | None = None,
        vpc: aws_ec2.IVpc | None = None,
        vpc_subnets: aws_ec2.SubnetSelection | None = None,
        security_groups: Sequence[aws_ec2.ISecurityGroup] | None = None,
        encryption_key: aws_kms.IKey | None = None,
        removal_policy: RemovalPolicy = RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
        keep_noncurrent: Duration | None = None,
        definition: Path | None = None,
        functions: Mapping[str, aws_lambda.IFunction] | None = None,
        type: aws_stepfunctions.StateMachineType = aws_stepfunctions.StateMachineType.STANDARD,  # noqa: A002
        snap_start: bool = False,
        log_level: aws_stepfunctions.LogLevel = aws_stepfunctions.LogLevel.ALL,
        release: Release | None = None,
    ) -> None:
        super().__init__(scope, id)
        version_on_layer_change(self.node)
        own = dict(functions or {})
        read = read_definition(version=version, path=definition, functions=own)
        validate_used(
            {
                "min_pixels": min_pixels,
                "allowed_types": allowed_types,
                "min_confidence": min_confidence,
                "routes": routes,
                "default_route": default_route,
                "detector": detector,
                "on_reject": on_reject,
                "renditions": renditions,
                "limits": limits,
                "development": development,
                "published_bucket": published_bucket,
                "published_prefix": published_prefix,
                "keep_replaced": keep_replaced,
                "cache_control": cache_control,
            },
            definition=read,
        )
        prefix_of_published = published_prefix or ""
        validate_prefix("key_prefix", key_prefix)
        validate_prefix("published_prefix", prefix_of_published)
        made_renditions = validate_renditions(renditions, published_prefix=prefix_of_published)
        plan = plan_workflow(
            definition=read,
            routes=routes,
            default_route=default_route,
            renditions=made_renditions,
            limits=limits or Limits(),
        )

        self.key_prefix, self.key_suffixes = key_prefix, validate_suffixes(self, key_suffixes)
        self.encryption_key = encryption_key
        allow_services(self, encryption_key, user="workflow")
        validate_subnets(vpc, vpc_subnets=vpc_subnets)
        network = make_network(self, "Functions", vpc=vpc, vpc_subnets=vpc_subnets, security_groups=security_groups)
        self.security_groups = network.security_groups if network else ()
        resources = make_resources(
            self,
            upload_bucket=upload_bucket,
            published_bucket=published_bucket,
            records=records,
            event_bus=event_bus,
            prepares="Prepare" in plan.step_ids,
            on_reject=on_reject or OnReject.KEEP,
            encryption_key=encryption_key,
            removal_policy=removal_policy,
            keep_noncurrent=keep_noncurrent,
        )
        self.upload_bucket, self.published_bucket = resources.upload_bucket, resources.published_bucket
        self.analysis_bucket, self.quarantine_bucket = resources.analysis_bucket, resources.quarantine_bucket
        self.records, self.event_bus = resources.records, resources.event_bus
        self.workflow_id = workflow_id(self)
        self.type, self.log_level = type, log_level
        register_traffic(
            self,
            Traffic(
                path=self.node.path,
                upload_bucket=self.upload_bucket,
                copies=resources.copies,
                key_prefix=key_prefix,
                key_suffixes=self.key_suffixes,
                published_bucket=self.published_bucket,
                published_prefix=prefix_of_published,
                published_names=tuple(rendition.name for rendition in made_renditions),
                records=self.records,
                event_bus=self.event_bus,
                workflow_id=self.workflow_id,
            ),
        )

        settings = StepSettings(
            workflow_id=self.workflow_id,
            version=read.version,
            is_express=type is aws_stepfunctions.StateMachineType.EXPRESS,
            min_pixels=validate_min_pixels(read.default_min_pixels if min_pixels is None else min_pixels),
            allowed_types=validate_types(read.default_allowed_types if allowed_types is None else allowed_types),
            min_confidence=validate_confidence(min_confidence),
            limits=limits or Limits(),
            development=development,
            renditions=made_renditions,
            upload_bucket=self.upload_bucket,
            key_prefix=key_prefix,
            key_suffixes=self.key_suffixes,
            published_bucket=self.published_bucket,
            published_prefix=prefix_of_published,
            keep_replaced=validate_keep_replaced(keep_replaced),
            cache_control=cache_control or DEFAULT_CACHE_CONTROL,
            records=self.records,
            event_bus=self.event_bus,
            analysis_bucket=self.analysis_bucket,
            detector=detector or Detector.REKOGNITION,
            on_reject=on_reject or OnReject.KEEP,
            quarantine_bucket=self.quarantine_bucket,
            detections=plan.detections,
        )
        made = make_functions(
            self,
            step_ids=plan.step_ids,
            on_delete=on_delete or OnDelete.KEEP,
            settings=settings,
            options=FunctionOptions(
                platform=platform or Platform.of(self.node),
                snap_start=snap_start,
                network=network,
                encryption_key=encryption_key,
                removal_policy=removal_policy,
            ),
        )
        self.steps: Mapping[str, Step] = MappingProxyType(made.by_package)
        functions_invoked = own | {step_id: made.by_id[step_id].function for step_id in sorted(plan.step_ids)}
        machine = make_machine(
            self,
            definition=read,
            substitutions=make_substitutions(
                self, definition=read, plan=plan, functions=functions_invoked, settings=settings
            ),
            steps=made.by_id,
            settings=settings,
            type=type,
            release=release or Release.all_at_once(),
            log_level=log_level,
            encryption_key=encryption_key,
            removal_policy=removal_policy,
        )
        self.log_group, self.state_machine, self.live = machine.log_group, machine.state_machine, machine.live
        self.rules, self.dead_letters = machine.rules, machine.dead_letters
        self.background_dead_letters = machine.background_dead_letters
        make_outputs(
            self,
            resources=resources,
            key_prefix=key_prefix,
            key_suffixes=self.key_suffixes,
            workflow_id=self.workflow_id,
            version=read.version,
            state_machine=self.state_machine,
        )
        acknowledge_findings(
            buckets=resources.made_buckets,
            dead_letters=[self.dead_letters, *self.background_dead_letters],
            steps=made.by_id.values(),
            objects=resources.objects(key_prefix=key_prefix, published_prefix=prefix_of_published),
            state_machine=self.state_machine,
            invoked=[*functions_invoked.values(), *plan.custom_functions.values()],
        )
