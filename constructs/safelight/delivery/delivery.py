"""ImageDelivery: makes images when they are asked for, and delivers them through CloudFront."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from aws_cdk import (
    Duration,
    RemovalPolicy,
    aws_certificatemanager,
    aws_cloudfront,
    aws_cloudwatch,
    aws_dynamodb,
    aws_ec2,
    aws_events,
    aws_iam,
    aws_kms,
    aws_lambda,
    aws_s3,
    aws_sns,
)
from constructs import Construct

from safelight.core.encryption import allow_services
from safelight.core.function import FunctionOptions, Step, make_steps, reserve_concurrency
from safelight.core.network import make_network
from safelight.core.platform import Platform
from safelight.core.prefixes import validate_prefix
from safelight.core.regions import validate_function_urls
from safelight.core.scopes import ConstructInStack
from safelight.core.step_definition import StepDefinition
from safelight.core.subnets import validate_subnets
from safelight.core.workflow_id import workflow_id as path_id
from safelight.delivery.alarms import delivery_graphs, failed_requests, make_delivery_alarms
from safelight.delivery.arguments import validate_fallback, validate_permitted, validate_presets, validate_sizes
from safelight.delivery.distribution import distribution_options, make_distribution, reading_with_key, url_of
from safelight.delivery.edge import make_edge_function
from safelight.delivery.environments import validate_environment_size
from safelight.delivery.findings import acknowledge_findings
from safelight.delivery.forgetting import forget_at_the_edge, forget_on_change, reporting_to
from safelight.delivery.generation import generation_of
from safelight.delivery.outputs import make_outputs
from safelight.delivery.published import published_of
from safelight.delivery.results import make_results_bucket
from safelight.delivery.settings import SYSTEM, StepSettings
from safelight.delivery.signing import grant_reading, make_key_value_store, make_signing_secret
from safelight.delivery.sources import validate_sources
from safelight.delivery.steps import forget, make
from safelight.delivery.workflows import validate_workflows, warn_of_renditions
from safelight_contracts.arguments import validated
from safelight_contracts.delivery.forms import Dialect
from safelight_contracts.delivery.presets import Preset
from safelight_contracts.delivery.settings import DeliverySettings, Signing, Source
from safelight_contracts.delivery.shaping import Focus
from safelight_contracts.limits import Limits


class ImageDelivery(ConstructInStack):
    """Makes images when they are asked for, stores them, and delivers them through CloudFront.

    A request is a path with a query, in one of three forms: a key with parameters such as ``?preset=card`` or
    ``?width=320``, a path of thumbor, or JSON in base64 as AWS's Serverless Image Handler takes it. Each image is made
    once, and stored until its source changes or nobody asks for it any more.

    Parameters
    ----------
    scope
        The parent construct, such as a stack.
    id
        The id of this construct in the scope.
    source
        The bucket of the images, or several, in the account and region of the delivery. A URL that names no bucket
        means the first. Overlays come from these buckets too. They must send events to EventBridge: the delivery turns
        this on for buckets of the same app. For an imported bucket, a warning says how. The upload bucket of a workflow
        of the same app is an error, because its checks have not passed.
    key_prefix
        Only objects under this prefix are delivered, such as ``"public/"``. Default: every object.
    presets
        Images that everybody may ask for, by name: ``{"card": Preset(width=320)}`` is ``?preset=card``. Default: none.
    sizes
        Sizes that everybody may ask for. A number is a width, and ``(320, 200)`` a width and a height. Default: none.
    signing
        Which requests must be signed. A signed request may ask for everything. Anything but ``Signing.OFF`` makes a
        secret with a key, and the edge knows the keys after you have run ``safelight keys sync``. Default:
        ``Signing.OFF``.
    open_to_all
        Whether everybody may ask for everything that costs no more than a resize: not for overlays, blurring,
        sharpening and other filters of neighbouring pixels. Each image that is asked for costs processor time, so
        anybody can run up your bill. Default: ``False``.
    dialect
        Whose meaning of a URL counts where thumbor and the Serverless Image Handler contradict one another. Default:
        ``Dialect.SIH``.
    fallback_key
        Key of an image in the first source that is sent, with the status of the failure, when there is no image.
        Default: the answer is JSON.
    limits
        Limits on the sources: bytes, pixels, sides, frames, pixels per byte and processor seconds. Default:
        ``Limits()``.
    records
        The records table of a workflow whose published bucket is the first source. A URL then names an upload, and
        stays the same when the upload is processed again. What is not published cannot be reached. If the workflow is
        in another app, nothing can check that the arguments below are the workflow's. Default: a URL names an object.
    workflow_id
        The workflow's id in the records: ``workflow.workflow_id``. Needed with ``records``.
    rendition
        The name of the rendition that images are made from. It should be the largest. Needed with ``records``.
    published_prefix
        The workflow's ``published_prefix``. ``key_prefix`` is then the workflow's too. Default: none.
    event_bus
        The bus of the workflow's events. Default: the account's default bus.
    results_kept
        How long a result is stored, in whole days. Then it is made again when somebody asks for it. Default: 30 days.
    reserved_concurrency
        How many images can be made at once. It is taken from the account's concurrency. Default: not reserved.
    edge
        Whether CloudFront stands before the function. Without it, the URL of the function takes requests that are
        signed by AWS's Signature Version 4, as tests and other functions send them. Default: ``True``.
    domain_names
        Your domains for the images, such as ``["images.example.com"]``. Point them at the distribution's domain.
        Default: CloudFront's own domain.
    certificate
        The certificate of the domains, in us-east-1. Default: CloudFront's own.
    price_class
        Where CloudFront's locations are. Default: everywhere.
    access_logs_bucket
        A bucket for CloudFront's logs of requests, in no region that accounts must opt in to. Make it with
        ``object_ownership=ObjectOwnership.BUCKET_OWNER_PREFERRED``, for access control lists. Default: no logs.
    access_logs_prefix
        What the keys of logs begin with. Default: nothing.
    web_acl_id
        The ARN of a web ACL with scope ``CLOUDFRONT``. Default: no firewall.
    cors_origins
        Which pages may read the images by scripts, such as ``["https://example.com"]``. ``<img>`` needs none. Default:
        none.
    origin_shield_region
        The region of CloudFront's Origin Shield, which sends the misses of all locations through one cache, for a fee.
        Use the stack's, or the nearest that has one. Default: no Origin Shield.
    platform
        Runtime and processor of the functions. Default: the context key ``safelight:platform``, else Python 3.13 on
        arm64.
    vpc
        The functions run in this VPC. They call S3, Secrets Manager, Rekognition, SQS and CloudFront, which they must
        reach by a NAT gateway or by endpoints; CloudFront has none. Default: no VPC.
    vpc_subnets
        The subnets of the functions. Default: private subnets with a route to the internet, else isolated ones.
    security_groups
        The security groups of the functions. Default: a new one for both, which allows outbound traffic only.
    encryption_key
        Encrypts everything that is made: results, signing keys, queues, logs and environment variables. Default: keys
        of AWS.
    removal_policy
        What happens to the results, the signing keys, the queue of dead letters and the logs when the stack is deleted.
        With ``DESTROY``, the deletion fails while there are results. Default: they are retained, unless their creation
        fails.
    alarm_topic
        A topic for alarms, which CloudWatch must be allowed to publish to. Default: no alarms.

    Attributes
    ----------
    url : str
        What the path of a request stands behind: ``https://`` and a domain.
    distribution : Distribution | None
        The distribution. ``None`` without ``edge``.
    results_bucket : Bucket
        The stored results.
    make_function, forget_function : Function, Function
        The function that makes images, and the one that deletes the results of a source that has changed.
    make_url : FunctionUrl
        The URL of the function that makes images. Only the distribution may invoke it.
    signing_keys : Secret | None
        The keys that sign URLs, a JSON object of texts by ``kid``. ``None`` if signing is off.
    signing_scope : str
        The name of the delivery in signatures.
    key_value_store : KeyValueStore | None
        The edge's copy of the keys. It is empty until you run ``safelight keys sync``, because a template must not hold
        a secret. ``None`` if signing is off, or without ``edge``.
    dead_letters : Queue
        Events of sources that could not be handled.
    alarms : list[Alarm]
        Every alarm. Empty without ``alarm_topic``.

    Raises
    ------
    ValueError
        If arguments contradict one another, or nothing is permitted. The message names the arguments and the way out.
    TypeError
        If an argument has a wrong type. The message names it, and what to pass.
    """

    @validated
    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        source: aws_s3.IBucket | Sequence[aws_s3.IBucket],
        key_prefix: str = "",
        presets: Mapping[str, Preset] | None = None,
        sizes: Sequence[int | tuple[int | None, int | None]] | None = None,
        signing: Signing = Signing.OFF,
        open_to_all: bool = False,
        dialect: Dialect = Dialect.SIH,
        fallback_key: str | None = None,
        limits: Limits | None = None,
        records: aws_dynamodb.ITable | None = None,
        workflow_id: str | None = None,
        rendition: str | None = None,
        published_prefix: str | None = None,
        event_bus: aws_events.IEventBus | None = None,
        results_kept: Duration | None = None,
        reserved_concurrency: int | None = None,
        edge: bool = True,
        domain_names: Sequence[str] | None = None,
        certificate: aws_certificatemanager.ICertificate | None = None,
        price_class: aws_cloudfront.PriceClass | None = None,
        access_logs_bucket: aws_s3.IBucket | None = None,
        access_logs_prefix: str | None = None,
        web_acl_id: str | None = None,
        cors_origins: Sequence[str] | None = None,
        origin_shield_region: str | None = None,
        platform: Platform | None = None,
        vpc: aws_ec2.IVpc | None = None,
        vpc_subnets: aws_ec2.SubnetSelection | None = None,
        security_groups: Sequence[aws_ec2.ISecurityGroup] | None = None,
        encryption_key: aws_kms.IKey | None = None,
        removal_policy: RemovalPolicy = RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
        alarm_topic: aws_sns.ITopic | None = None,
    ) -> None:
        super().__init__(scope, id)
        validate_function_urls(self)
        validate_prefix("key_prefix", key_prefix)
        given_presets, given_sizes = validate_presets(presets), validate_sizes(sizes)
        validate_permitted(presets=given_presets, sizes=given_sizes, signing=signing, open_to_all=open_to_all)
        validate_fallback(fallback_key, key_prefix=key_prefix)
        options = distribution_options(
            edge=edge,
            domain_names=domain_names,
            certificate=certificate,
            price_class=price_class,
            access_logs_bucket=access_logs_bucket,
            access_logs_prefix=access_logs_prefix,
            web_acl_id=web_acl_id,
            cors_origins=cors_origins,
            origin_shield_region=origin_shield_region,
        )
        sources = validate_sources(self, source)
        published = published_of(
            self,
            records=records,
            workflow_id=workflow_id,
            rendition=rendition,
            published_prefix=published_prefix,
            event_bus=event_bus,
        )
        validate_workflows(self, sources=sources, key_prefix=key_prefix, published=published)
        if published is None:
            warn_of_renditions(self, sources=sources)
        allow_services(self, encryption_key, user="delivery", others=[reading_with_key(self)] if edge else [])
        validate_subnets(vpc, vpc_subnets=vpc_subnets)
        network = make_network(self, "Functions", vpc=vpc, vpc_subnets=vpc_subnets, security_groups=security_groups)
        step_options = FunctionOptions(
            platform=platform or Platform.of(self.node),
            snap_start=False,
            network=network,
            encryption_key=encryption_key,
            removal_policy=removal_policy,
        )
        self.results_bucket = make_results_bucket(
            self, "Results", kept=results_kept, encryption_key=encryption_key, removal_policy=removal_policy
        )
        self.signing_keys = (
            None
            if signing is Signing.OFF
            else make_signing_secret(self, "SigningKeys", encryption_key=encryption_key, removal_policy=removal_policy)
        )
        self.key_value_store = make_key_value_store(self, "EdgeKeys") if self.signing_keys and edge else None
        self.signing_scope = path_id(self)

        told = DeliverySettings(
            scope=self.signing_scope,
            sources=tuple(Source(bucket=bucket.bucket_name, prefix=key_prefix) for bucket in sources),
            results_bucket=self.results_bucket.bucket_name,
            presets={name: preset.parameters for name, preset in given_presets.items()},
            sizes=given_sizes,
            dialect=dialect,
            signing=signing,
            is_open=open_to_all,
            keys_secret=self.signing_keys.secret_arn if self.signing_keys else None,
            has_edge=edge,
            fallback_key=fallback_key,
            records=published.source(key_prefix=key_prefix) if published else None,
        )
        settings = StepSettings(
            delivery=replace(told, generation=generation_of(told, sources=sources, published=published)),
            limits=limits or Limits(),
            sources=sources,
            key_prefix=key_prefix,
            published=published,
            results=self.results_bucket,
            keys=self.signing_keys,
            forget_queue=None,
            finds_faces=signing is not Signing.OFF or any(it.focus is Focus.FACES for it in given_presets.values()),
            finds_unsafe=signing is not Signing.OFF,
        )
        validate_environment_size(make.STEP, settings=settings)
        self._forget = _make_function(self, forget.STEP, settings=settings, options=step_options)
        queue, self.dead_letters = forget_on_change(
            self,
            step=self._forget,
            settings=settings,
            encryption_key=encryption_key,
            removal_policy=removal_policy,
        )
        self._make = _make_function(
            self, make.STEP, settings=reporting_to(queue, settings=settings) if edge else settings, options=step_options
        )
        self.make_function, self.forget_function = self._make.function, self._forget.function
        reserve_concurrency(self.make_function, reserved_concurrency)
        self.make_url = self.make_function.add_function_url(auth_type=aws_lambda.FunctionUrlAuthType.AWS_IAM)
        self.distribution = None
        if edge:
            self.distribution = make_distribution(
                self,
                "Distribution",
                results=self.results_bucket,
                function_url=self.make_url,
                edge_function=make_edge_function(
                    self, "Edge", settings=settings.delivery, key_value_store=self.key_value_store
                ),
                options=options,
            )
            forget_at_the_edge(self._forget, distribution=self.distribution)
        self.url = url_of(self.make_url, distribution=self.distribution, domain_names=options.domain_names)
        self.alarms = make_delivery_alarms(
            self,
            topic=alarm_topic,
            failed=failed_requests(self.make_function),
            make=self._make,
            forget=self._forget,
            queue=queue,
            dead_letters=self.dead_letters,
            distribution=self.distribution,
        )
        make_outputs(
            self,
            url=self.url,
            make_function=self.make_function,
            results=self.results_bucket,
            signing_scope=self.signing_scope,
            distribution=self.distribution,
            keys=self.signing_keys,
            key_value_store=self.key_value_store,
        )
        acknowledge_findings(
            settings=settings,
            make=self._make,
            forget=self._forget,
            dead_letters=self.dead_letters,
            distribution=self.distribution,
            options=options,
        )

    def graphs(self) -> list[aws_cloudwatch.IWidget]:
        """Return graphs for a dashboard of yours: requests, misses, time, failures, throttling and dead letters."""
        return delivery_graphs(
            distribution=self.distribution, make=self._make, forget=self._forget, dead_letters=self.dead_letters
        )

    def grant_sign(self, grantee: aws_iam.IGrantable) -> aws_iam.Grant:
        """Allow somebody to read the signing keys, and so to sign URLs.

        Parameters
        ----------
        grantee
            A function, a role or a user.

        Raises
        ------
        ValueError
            If ``signing`` is off.
        """
        if self.signing_keys is None:
            raise ValueError(
                f"{self.node.path}: there are no signing keys, because signing is Signing.OFF. Use Signing.OPTIONAL or "
                "Signing.REQUIRED."
            )
        return grant_reading(self.signing_keys, grantee)


def _make_function(
    scope: Construct, definition: StepDefinition[StepSettings], *, settings: StepSettings, options: FunctionOptions
) -> Step:
    adapted = definition.adapt(definition, settings)
    steps = make_steps(
        scope, system=SYSTEM, definitions={adapted.id: adapted}, layer_sources={}, settings=settings, options=options
    )
    return steps[adapted.id]
