"""A CDK app with three workflows v5, one for each thing that may become of rejected uploads."""

from aws_cdk import App, Environment, RemovalPolicy, Stack

from safelight import Check, ImageType, ImageWorkflow, OnError, OnReject, Rendition, Route, WorkflowVersion

app = App()
stack = Stack(app, "RoutesV5", env=Environment(account="000000000000", region="us-east-1"))
MODERATED = Route(checks=[Check.moderation()])
CLOSED = Route(checks=[Check.moderation(on_error=OnError.REJECT)])
ImageWorkflow(
    stack,
    "Keep",
    version=WorkflowVersion.V5,
    min_pixels=100,
    routes={
        "park": Route(checks=[Check.moderation(min_confidence=60, allow=["Alcohol"])]),
        "restaurant": Route(checks=[Check.moderation(), Check.no_people()]),
        "id-card": Route(
            checks=[Check.labels(required=["Driving License", "Person"]), Check.words(required=["NEW YORK"])]
        ),
        "vault": CLOSED,
        "gallery": Route(checks=None),
    },
    renditions=[
        Rendition(name="tile", width=120),
        Rendition(name="tile", width=120, type=ImageType.WEBP),
        Rendition(name="tile", width=120, type=ImageType.AVIF),
    ],
    removal_policy=RemovalPolicy.DESTROY,
)
ImageWorkflow(
    stack,
    "Move",
    version=WorkflowVersion.V5,
    default_route=MODERATED,
    on_reject=OnReject.QUARANTINE,
    removal_policy=RemovalPolicy.DESTROY,
)
ImageWorkflow(
    stack,
    "Delete",
    version=WorkflowVersion.V5,
    routes={"park": MODERATED, "vault": CLOSED},
    on_reject=OnReject.DELETE,
    removal_policy=RemovalPolicy.DESTROY,
)
app.synth()
