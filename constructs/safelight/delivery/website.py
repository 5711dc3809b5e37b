"""ResizingWebsite: a website of S3 that redirects to a function for a size that it does not have."""

from collections.abc import Sequence

from aws_cdk import CfnOutput, Duration, RemovalPolicy, aws_apigatewayv2, aws_ec2, aws_kms, aws_s3, aws_sns
from aws_cdk.aws_apigatewayv2_integrations import HttpLambdaIntegration
from constructs import Construct

from safelight.core.alarms import PERIOD
from safelight.core.encryption import allow_services
from safelight.core.function import FunctionOptions, make_steps, reserve_concurrency
from safelight.core.network import make_network
from safelight.core.platform import Platform
from safelight.core.prefixes import validate_prefix
from safelight.core.queues import QueueTarget
from safelight.core.scopes import ConstructInStack
from safelight.core.subnets import validate_subnets
from safelight.core.workflow_id import workflow_id as path_id
from safelight.delivery.alarms import make_delivery_alarms
from safelight.delivery.arguments import validate_website_sizes
from safelight.delivery.environments import validate_environment_size
from safelight.delivery.findings import acknowledge_website_findings
from safelight.delivery.forgetting import forget_queue
from safelight.delivery.settings import SYSTEM
from safelight.delivery.sources import make_source_rules, validate_sources
from safelight.delivery.steps import forget_sizes, resize
from safelight.delivery.website_bucket import make_website_bucket
from safelight.delivery.website_settings import WebsiteSettings
from safelight.delivery.workflows import validate_workflows
from safelight_contracts.arguments import validated
from safelight_contracts.delivery.forms import Dialect
from safelight_contracts.delivery.settings import DeliverySettings, Signing, Source
from safelight_contracts.delivery.websites import RESIZE_PATH
from safelight_contracts.limits import Limits


class ResizingWebsite(ConstructInStack):
    """Serves images in permitted sizes from a website of S3, and makes each when somebody asks for it first.

    This is the form of AWS's blog post "Resize Images on the Fly", for sites that cannot use CloudFront. A URL is a
    size and a key: ``/320x200/cat.jpg``, ``/320x/cat.jpg`` or ``/x200/cat.jpg``. The website redirects a request for
    an image that it does not have to an HTTP API, which makes the image, stores it and redirects back. Each has exactly
    the size of its URL, and what overhangs is cropped. It is a JPEG, or a PNG if the source has transparency, whatever
    the key ends with.

    Everybody can read the images, and a website of S3 has no TLS: pages over HTTPS cannot show them. Use
    `ImageDelivery` if you can.

    Parameters
    ----------
    scope
        The parent construct, such as a stack.
    id
        The id of this construct in the scope.
    source
        The bucket of the images, in the account and region of the website. It stays private. It must send events to
        EventBridge: the website turns this on for a bucket of the same app. For an imported bucket, a warning says how.
        Images of another bucket of before stay: make another website for another bucket.
    sizes
        The sizes that everybody may ask for, 1 to 100. A number is a width, and ``(320, 200)`` a width and a height.
    public_read
        Must be ``True``: the website's bucket has a policy by which everybody may read the images in these sizes.
        Nobody may list them. Accounts can forbid such policies with S3 Block Public Access: then the deployment fails.
    key_prefix
        Only objects under this prefix are served, such as ``"public/"``. Default: every object.
    limits
        Limits on the sources: bytes, pixels, sides, frames, pixels per byte and processor seconds. Default:
        ``Limits()``.
    results_kept
        How long an image is stored. It is made again when somebody asks for it. Default: 30 days.
    reserved_concurrency
        How many images can be made at the same time. Default: what the account has left.
    platform
        Runtime and processor of the functions. Default: the context key ``safelight:platform``, else Python 3.13 on
        arm64.
    vpc
        The functions run in this VPC, from which they must reach S3. Default: no VPC.
    vpc_subnets
        The subnets of the functions. Default: private subnets with a route to the internet, else isolated ones.
    security_groups
        The security groups of the functions. Default: a new one for both, which allows outbound traffic only.
    encryption_key
        Encrypts queues, logs and environment variables. The images are encrypted by S3, because a website cannot
        decrypt what another key encrypts. Default: keys of AWS.
    removal_policy
        What happens to the images, the queue of dead letters and the logs when the stack is deleted. With ``DESTROY``,
        the deletion fails while there are images. Default: they are retained, unless their creation fails.
    alarm_topic
        A topic for alarms, which CloudWatch must be allowed to publish to. Default: no alarms.

    Attributes
    ----------
    url : str
        What a size and a key stand behind: ``http://`` and a domain, without a slash at the end.
    bucket : Bucket
        The website.
    api : HttpApi
        What the website redirects to.
    resize_function, forget_function : Function, Function
        The function that makes images, and the one that deletes the images of a source that has changed.
    dead_letters : Queue
        Events of sources that could not be handled.
    alarms : list[Alarm]
        Every alarm. Empty without ``alarm_topic``.

    Raises
    ------
    ValueError
        If ``public_read`` is not given, no size is permitted, or arguments contradict one another. The message names
        the arguments and the way out.
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
        sizes: Sequence[int | tuple[int | None, int | None]],
        public_read: bool = False,
        key_prefix: str = "",
        limits: Limits | None = None,
        results_kept: Duration | None = None,
        reserved_concurrency: int | None = None,
        platform: Platform | None = None,
        vpc: aws_ec2.IVpc | None = None,
        vpc_subnets: aws_ec2.SubnetSelection | None = None,
        security_groups: Sequence[aws_ec2.ISecurityGroup] | None = None,
        encryption_key: aws_kms.IKey | None = None,
        removal_policy: RemovalPolicy = RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
        alarm_topic: aws_sns.ITopic | None = None,
    ) -> None:
        super().__init__(scope, id)
        if not public_read:
            raise ValueError(
                "Everybody can read the bucket of a website of S3, and there is no TLS. Pass public_read=True if you "
                "want this. ImageDelivery keeps its buckets private."
            )
        validate_prefix("key_prefix", key_prefix)
        given_sizes = validate_website_sizes(sizes)
        sources = validate_sources(self, source)
        validate_workflows(self, sources=sources, key_prefix=key_prefix, published=None)
        allow_services(self, encryption_key, user="website")
        validate_subnets(vpc, vpc_subnets=vpc_subnets)
        network = make_network(self, "Functions", vpc=vpc, vpc_subnets=vpc_subnets, security_groups=security_groups)
        # The website names the API, and the function the website: the API itself names neither.
        self.api = aws_apigatewayv2.HttpApi(
            self, "Api", description="Resizing website: makes what the website does not have"
        )
        self.bucket = make_website_bucket(
            self,
            "Website",
            sizes=given_sizes,
            key_prefix=key_prefix,
            api=self.api,
            kept=results_kept,
            removal_policy=removal_policy,
        )
        self.url = self.bucket.bucket_website_url
        settings = WebsiteSettings(
            delivery=DeliverySettings(
                scope=path_id(self),
                sources=(Source(bucket=source.bucket_name, prefix=key_prefix),),
                results_bucket=self.bucket.bucket_name,
                presets={},
                sizes=given_sizes,
                dialect=Dialect.SIH,
                signing=Signing.OFF,
                is_open=False,
                keys_secret=None,
                has_edge=False,
            ),
            limits=limits or Limits(),
            source=source,
            key_prefix=key_prefix,
            results=self.bucket,
        )
        validate_environment_size(resize.STEP, settings=settings)
        steps = make_steps(
            self,
            system=SYSTEM,
            definitions={step.id: step for step in (resize.STEP, forget_sizes.STEP)},
            layer_sources={},
            settings=settings,
            options=FunctionOptions(
                platform=platform or Platform.of(self.node),
                snap_start=False,
                network=network,
                encryption_key=encryption_key,
                removal_policy=removal_policy,
            ),
        )
        maker, forgetter = steps[resize.STEP.id], steps[forget_sizes.STEP.id]
        self.resize_function, self.forget_function = maker.function, forgetter.function
        reserve_concurrency(self.resize_function, reserved_concurrency)
        self.api.add_routes(
            path=f"/{RESIZE_PATH}",
            methods=[aws_apigatewayv2.HttpMethod.GET, aws_apigatewayv2.HttpMethod.HEAD],
            integration=HttpLambdaIntegration("Resize", self.resize_function),
        )
        queue, self.dead_letters = forget_queue(
            self, step=forgetter, encryption_key=encryption_key, removal_policy=removal_policy
        )
        make_source_rules(self, "Changed", sources=[source], key_prefix=key_prefix, target=QueueTarget(queue))
        self.alarms = make_delivery_alarms(
            self,
            topic=alarm_topic,
            failed=self.api.metric_server_error(period=PERIOD, statistic="Sum"),
            make=maker,
            forget=forgetter,
            queue=queue,
            dead_letters=self.dead_letters,
        )
        CfnOutput(self, "WebsiteUrl", description="Put a size and a key behind this", value=self.url)
        CfnOutput(self, "WebsiteSource", description="The bucket of the images", value=source.bucket_name)
        acknowledge_website_findings(
            settings=settings, resize=maker, forget=forgetter, dead_letters=self.dead_letters, api=self.api
        )
