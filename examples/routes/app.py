"""Routes as data: the checks for each type of place, and what happens to rejected uploads."""

from aws_cdk import App, Stack

from safelight import (
    Check,
    Detector,
    Fit,
    ImageType,
    ImageWorkflow,
    OnError,
    OnReject,
    Rendition,
    Route,
)

app = App()
stack = Stack(app, "SafelightRoutes")
ImageWorkflow(
    stack,
    "Workflow",
    routes={
        "park": Route(checks=[Check.moderation(min_confidence=60, allow=["Alcohol"])]),
        "restaurant": Route(checks=[Check.moderation(), Check.no_people()]),
        "id-card": Route(
            checks=[
                Check.labels(required=["Driving License", "Person"]),
                Check.words(required=["NEW YORK"], on_error=OnError.REJECT),
            ]
        ),
    },
    default_route=Route(checks=[Check.moderation()]),
    detector=Detector.OPENCV_THEN_REKOGNITION,
    on_reject=OnReject.QUARANTINE,
    renditions=[
        Rendition(name="tile", width=400, height=400, fit=Fit.COVER),
        Rendition(name="tile", width=400, height=400, fit=Fit.COVER, type=ImageType.WEBP),
        Rendition(name="large", width=1600, type=ImageType.AVIF),
    ],
)
app.synth()
