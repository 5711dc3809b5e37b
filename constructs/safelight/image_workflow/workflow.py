"""ImageWorkflow: what becomes of the images that land in a bucket."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

from aws_cdk import (
    Duration,
    RemovalPolicy,
    aws_dynamodb,
    aws_events,
    aws_lambda,
    aws_s3,
    aws_stepfunctions,
)
from constructs import Construct

from safelight.core.buckets import enable_event_bridge, make_upload_bucket, private_bucket
from safelight.core.events import object_events, start_on_event
from safelight.core.function import Step, make_steps
from safelight.core.models import model_layer_code
from safelight.core.platform import Platform
from safelight.core.release import Release, make_live_alias, version_on_layer_change
from safelight.core.state_machine import make_log_group, make_state_machine, permit_tasks
from safelight.core.tables import make_table
from safelight.core.workflow_id import workflow_id
from safelight.image_workflow.analysis import make_analysis_bucket
from safelight.image_workflow.background import background_definitions, run_in_background
from safelight.image_workflow.caching import Caching
from safelight.image_workflow.checks import validate_confidence
from safelight.image_workflow.definitions import read_definition, validate_used
from safelight.image_workflow.detectors import DETECTOR_MODELS
from safelight.image_workflow.findings import acknowledge_findings
from safelight.image_workflow.intake import validate_no_loop, validate_prefix, validate_separate_uploads
from safelight.image_workflow.on_delete import OnDelete
from safelight.image_workflow.on_reject import OnReject, make_quarantine_bucket, validate_versioning
from safelight.image_workflow.outputs import make_outputs
from safelight.image_workflow.plan import plan_workflow
from safelight.image_workflow.routes import Route
from safelight.image_workflow.settings import (
    StepSettings,
    validate_keep_replaced,
    validate_min_pixels,
    validate_renditions,
    validate_types,
)
from safelight.image_workflow.steps import step_definition
from safelight.image_workflow.substitutions import make_substitutions
from safelight.image_workflow.versions import SYSTEM, WorkflowVersion
from safelight.image_workflow.watermarks import watermark_layer_code, watermarks_of
from safelight_contracts.detectors import Detector
from safelight_contracts.development import Development
from safelight_contracts.image_types import ImageType
from safelight_contracts.limits import Limits
from safelight_contracts.renditions import Rendition
from safelight_contracts.watermarks import WATERMARKS


class ImageWorkflow(Construct):
    """A Step Functions workflow that every image uploaded to a bucket goes through.

    Each upload ends with one recorded outcome: ``PUBLISHED``, ``REJECTED`` with a reason, or ``FAILED``.

    Parameters
    ----------
    scope
        The construct that this one is a part of, such as a stack.
    id
        Its name in that scope.
    version
        Which released workflow runs. Left out: the newest, ``WorkflowVersion.V5``.
    min_pixels
        Smallest side in pixels, as displayed, that is accepted. Left out: 800 in v3, 500 otherwise.
    allowed_types
        The image types that are accepted. Left out: JPEG; in v5 every ``ImageType``.
    min_confidence
        Percent, 0 to 100: labels that Rekognition is less sure of are not seen. Left out: Rekognition's own
        defaults, 50 for moderation and 55 for labels. In v5 each check has its own.
    routes
        Which checks the images of each type of place must pass, by the type that the place's listing has. Left out:
        ``DEFAULT_ROUTES``, unless there is a ``default_route``.
    default_route
        The checks of every other image: its place's type has no route, or it has no listing. Left out: those are
        rejected, as ``UNSUPPORTED_PLACE_TYPE`` or ``PLACE_NOT_FOUND``.
    detector
        What looks for people in the checks ``no_people``. Left out: ``Detector.REKOGNITION``.
    on_reject
        What happens to an upload that a look at the image rejected. Left out: it is kept where it is. Anything else
        needs an upload bucket that keeps versions.
    on_delete
        What happens to what is published of an upload that is deleted. Left out: it stays published.
    renditions
        What is made of each upload. Left out: ``DEFAULT_RENDITIONS``, a 400 x 400 tile and one 600 wide.
    limits
        What an image may be: bytes, pixels, sides, frames, pixels a byte, processor seconds. Left out: ``Limits()``.
    development
        How camera raw is developed, for the checks and for what is published alike. Left out: ``Development()``, the
        camera's own preview where it has the full size.
    upload_bucket
        Where images land. It must send its events to EventBridge: a bucket of the same app is switched on, for one
        from elsewhere a warning says how. Left out: a private, versioned, encrypted bucket is made.
    published_bucket
        Where renditions go, under ``{upload key}/{attempt}/{name}.{ext}``; the attempt is 32 hexadecimal digits that
        nobody can guess. Left out: a private, encrypted bucket is made.
    published_prefix
        Put before the key of every rendition. Left out: nothing is.
    keep_replaced
        How long the renditions of an upload stay that a newer one of its key replaced, so that pages which are open go
        on working. Left out: one day.
    caching
        The ``Cache-Control`` of renditions. Left out: ``Caching.FIVE_MINUTES``.
    records
        A table with string keys ``pk`` and ``sk``, which workflows may share. Left out: one is made.
    event_bus
        Where ``Image Published``, ``Image Rejected``, ``Image Failed`` and ``Image Withdrawn`` go. Left out: the
        account's default bus.
    key_prefix
        Only uploads under it start the workflow, such as ``"incoming/"``; the place's id is the first segment after
        it. Left out: every upload does.
    platform
        Runtime and processor of the functions. Left out: what the context key ``safelight:platform`` says, else
        Python 3.13 on arm64.
    removal_policy
        What becomes of buckets, table, queue and logs that are made here when the stack is deleted. Left out: they
        are retained.
    definition
        An ASL file of your own instead of a released one. Its placeholders may be ``${NameFunctionArn}`` for each name
        in ``STEP_DEFINITIONS`` and ``functions``, ``${RecordsTableName}``, ``${WorkflowId}``, ``${EventBusName}``,
        ``${KeyPrefix}``, ``${Routes}`` and ``${Checks}`` (JSON in base64), and ``${OnReject}``. Only the steps it names
        are made, and those of the routes' checks. Left out: ``version`` decides.
    functions
        Functions of your own that ``definition`` invokes, by the name before ``FunctionArn``. A ``Function`` of the
        same stack is called at its current version, anything else as it is. Left out: none.
    type
        ``StateMachineType.STANDARD`` or ``.EXPRESS``, which costs a small part of it and gives up much: no history of
        an execution but its log, which has no inputs and outputs; no redrive; executions at least once, where Standard
        is exactly once, so that one upload may be worked on twice; and an end after five minutes, so that throttling
        is waited out for seconds and not for half an hour. The record of an execution that is cut off is closed within
        about an hour, by a look at every record. Left out: Standard. A state machine's type cannot be
        changed: another type is another state machine.
    snap_start
        Have Lambda keep a snapshot of each started function, and start from that: cold starts of a second or two
        become some hundred milliseconds. It needs Python 3.12 or newer, and costs a fee for each published version
        for as long as it exists, some 7 USD a month for a function of 1,769 MB: versions are retained here, so
        delete old ones. Left out: no snapshots, as a workflow that nobody waits for has no use for them.
    release
        How a deployment moves uploads to what it deploys, such as ``Release.canary(percent=10, bake=...)``, which
        goes back when an execution fails. Left out: all at once.

    Attributes
    ----------
    upload_bucket, published_bucket : IBucket
        Where images land and where renditions go: those given, or made.
    records : ITable
        Given, or made.
    event_bus : IEventBus
        Given, or the account's default bus.
    key_prefix : str
        As given.
    workflow_id : str
        What tells its records and events from those of other workflows.
    type : StateMachineType
        As given.
    analysis_bucket, quarantine_bucket : Bucket | None
        Where images that checks look at lie for a day, and where rejected uploads wait: ``None`` where the workflow
        has no use for one.
    steps : Mapping[str, Step]
        The Lambda functions of the steps that there are, by the names of their packages, such as
        ``workflow.steps["publish"].function``.
    state_machine : StateMachine
        What the definition became.
    log_group : LogGroup
        Where the state machine logs.
    live : CfnStateMachineAlias
        The alias of the released version. An execution started on it (its ``ref`` is the ARN) runs what uploads run.
    rule : Rule
        The EventBridge rule that starts the alias.
    dead_letters : Queue
        The events that the rule could not deliver.
    background_dead_letters : list[Queue]
        The messages that the sweeper, and the function that withdraws, could not handle.

    Raises
    ------
    ValueError
        When arguments contradict one another or the version has no use for one of them; the message names them and
        the way out.
    """

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
        caching: Caching | None = None,
        records: aws_dynamodb.ITable | None = None,
        event_bus: aws_events.IEventBus | None = None,
        key_prefix: str = "",
        platform: Platform | None = None,
        removal_policy: RemovalPolicy = RemovalPolicy.RETAIN,
        definition: Path | None = None,
        functions: Mapping[str, aws_lambda.IFunction] | None = None,
        type: aws_stepfunctions.StateMachineType = aws_stepfunctions.StateMachineType.STANDARD,  # noqa: A002
        snap_start: bool = False,
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
                "caching": caching,
            },
            definition=read,
        )
        validate_prefix("key_prefix", key_prefix)
        prefix_of_published = published_prefix or ""
        validate_prefix("published_prefix", prefix_of_published)
        made_renditions = validate_renditions(renditions, published_prefix=prefix_of_published)
        plan = plan_workflow(
            definition=read,
            routes=routes,
            default_route=default_route,
            renditions=made_renditions,
            limits=limits or Limits(),
        )

        self.upload_bucket = upload_bucket or make_upload_bucket(self, "Uploads", removal_policy=removal_policy)
        if upload_bucket is not None:
            enable_event_bridge(self, upload_bucket)
        validate_versioning(self, upload_bucket=self.upload_bucket, on_reject=on_reject or OnReject.KEEP)
        self.published_bucket = published_bucket or private_bucket(self, "Published", removal_policy=removal_policy)
        validate_no_loop(
            self,
            upload_bucket=self.upload_bucket,
            key_prefix=key_prefix,
            published_bucket=self.published_bucket,
            published_prefix=prefix_of_published,
        )
        validate_separate_uploads(
            self, upload_bucket=self.upload_bucket, key_prefix=key_prefix, others=self._other_workflows()
        )
        self.key_prefix = key_prefix
        self.workflow_id = workflow_id(self)
        self.type = type
        is_express = type is aws_stepfunctions.StateMachineType.EXPRESS
        self.records = records or make_table(self, "Records", removal_policy=removal_policy)
        self.event_bus = event_bus or aws_events.EventBus.from_event_bus_name(self, "Bus", "default")

        self.analysis_bucket = (
            make_analysis_bucket(self, "Analysis", removal_policy=removal_policy)
            if "Prepare" in plan.step_ids
            else None
        )
        self.quarantine_bucket = (
            make_quarantine_bucket(self, "Quarantine", removal_policy=removal_policy)
            if on_reject is OnReject.QUARANTINE
            else None
        )

        settings = StepSettings(
            workflow_id=self.workflow_id,
            version=read.version,
            is_express=is_express,
            min_pixels=validate_min_pixels(read.default_min_pixels if min_pixels is None else min_pixels),
            allowed_types=validate_types(read.default_allowed_types if allowed_types is None else allowed_types),
            min_confidence=validate_confidence(min_confidence),
            limits=limits or Limits(),
            development=development,
            renditions=made_renditions,
            upload_bucket=self.upload_bucket,
            key_prefix=key_prefix,
            published_bucket=self.published_bucket,
            published_prefix=prefix_of_published,
            keep_replaced=validate_keep_replaced(keep_replaced),
            caching=caching or Caching.FIVE_MINUTES,
            records=self.records,
            event_bus=self.event_bus,
            analysis_bucket=self.analysis_bucket,
            detector=detector or Detector.REKOGNITION,
            on_reject=on_reject or OnReject.KEEP,
            quarantine_bucket=self.quarantine_bucket,
        )
        definitions = {
            step_id: step_definition(step_id, settings=settings) for step_id in plan.step_ids
        } | background_definitions(on_delete or OnDelete.KEEP)
        made = make_steps(
            self,
            system=SYSTEM,
            definitions=definitions,
            layer_sources={
                DETECTOR_MODELS: model_layer_code,
                WATERMARKS: lambda: watermark_layer_code(watermarks_of(made_renditions)),
            },
            settings=settings,
            platform=platform or Platform.of(self.node),
            snap_start=snap_start,
            removal_policy=removal_policy,
        )
        self.steps: Mapping[str, Step] = MappingProxyType({definitions[id].package: step for id, step in made.items()})
        functions_invoked = own | {step_id: made[step_id].function for step_id in sorted(plan.step_ids)}
        substitutions = make_substitutions(
            self, definition=read, plan=plan, functions=functions_invoked, settings=settings
        )
        self.log_group = make_log_group(self, "StateMachineLogs", removal_policy=removal_policy)
        self.state_machine = make_state_machine(
            self,
            "StateMachine",
            definition=read.text,
            substitutions=substitutions.values,
            log_group=self.log_group,
            machine_type=type,
        )
        permit_tasks(
            self.state_machine,
            definition=read.text,
            functions=substitutions.functions,
            table=self.records,
            event_bus=self.event_bus,
        )
        self.live = make_live_alias(
            self, system=SYSTEM, state_machine=self.state_machine, release=release or Release.all_at_once()
        )
        self.rule, self.dead_letters = start_on_event(
            self,
            "Uploaded",
            description="Starts the image workflow for every object created in the upload bucket",
            event_pattern=object_events("Object Created", bucket=self.upload_bucket, key_prefix=key_prefix),
            role_description="What the rule of the image workflow may do",
            state_machine=self.state_machine,
            live=self.live,
            removal_policy=removal_policy,
        )
        self.background_dead_letters = run_in_background(
            self,
            steps=made,
            state_machine=self.state_machine,
            settings=settings,
            removal_policy=removal_policy,
        )
        make_outputs(
            self,
            upload_bucket=self.upload_bucket,
            key_prefix=key_prefix,
            published_bucket=self.published_bucket,
            records=self.records,
            workflow_id=self.workflow_id,
            state_machine=self.state_machine,
        )
        own_buckets = [bucket for bucket in (self.analysis_bucket, self.quarantine_bucket) if bucket is not None]
        acknowledge_findings(
            buckets=[
                *own_buckets,
                *([self.upload_bucket] if upload_bucket is None else []),
                *([self.published_bucket] if published_bucket is None else []),
            ],
            dead_letters=[self.dead_letters, *self.background_dead_letters],
            steps=made.values(),
            objects=[
                *((bucket, key_prefix) for bucket in (self.upload_bucket, *own_buckets)),
                (self.published_bucket, prefix_of_published),
            ],
            state_machine=self.state_machine,
            invoked=[*functions_invoked.values(), *plan.custom_functions.values()],
        )

    def _other_workflows(self) -> list[tuple[str, aws_s3.IBucket, str]]:
        return [
            (other.node.path, other.upload_bucket, other.key_prefix)
            for other in self.node.root.node.find_all()
            if isinstance(other, ImageWorkflow) and other is not self
        ]
