"""Redaction that is deployed: a service copies what is in a bucket, and the route of a workflow covers renditions."""

import io
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from tests.local.delivery.deployments import deploy
from tests.local.emulator_clients import RuleQueue, wait_until
from tests.local.redaction.fake_rekognition import LASTING, FakeRekognition, Fault, running_fake
from tests.local.redaction.workflow_uploads import WorkflowUploads, boxes_of, contrast_in

from safelight_contracts.redaction.boxes import Box, BoxKind
from safelight_contracts.redaction.reviews import PhotoReview, boxes_key
from safelight_local.aws.deployment import choose_workflow, deployed_workflows
from safelight_local.emulator.endpoints import Endpoints
from safelight_local.emulator.process import running_emulator

APP = Path(__file__).with_name("app.py")
_CORNER = Box(kind=BoxKind.FACE, left=0, top=0, width=0.2, height=0.2, confidence=100)


@dataclass(frozen=True, kw_only=True)
class Service:
    """A deployed service, its buckets, and the events that it sends."""

    endpoints: Endpoints
    rekognition: FakeRekognition
    uploads: str
    copies: str
    reviews: str
    outcomes: RuleQueue
    workflow: WorkflowUploads
    workflow_outcomes: RuleQueue

    def put(self, key: str, *, width: int = 200, quality: int = 95) -> None:
        """Upload a picture with black and white stripes."""
        self.endpoints.s3.put_object(Bucket=self.uploads, Key=key, Body=striped(width=width, quality=quality))

    def copy(self, key: str) -> dict[str, Any] | None:
        """The redacted copy of an upload."""
        try:
            return dict(self.endpoints.s3.get_object(Bucket=self.copies, Key=key))
        except self.endpoints.s3.exceptions.NoSuchKey:
            return None

    def boxes(self, key: str) -> PhotoReview | None:
        """The boxes that are kept of an upload's copy."""
        try:
            found = self.endpoints.s3.get_object(Bucket=self.reviews, Key=boxes_key(key))
        except self.endpoints.s3.exceptions.NoSuchKey:
            return None
        return PhotoReview.from_json(json.loads(found["Body"].read()))

    def is_covered(self, key: str) -> bool:
        """Whether there is a copy, with nothing of the stripes in its middle."""
        found = self.copy(key)
        if found is None:
            return False
        with Image.open(found["Body"]) as picture:
            low, high = picture.convert("L").crop((70, 60, 130, 100)).getextrema()
        assert isinstance(low, int)
        assert isinstance(high, int)
        assert high - low < 30
        return True


def striped(*, width: int, quality: int = 95, stripe: int = 4) -> bytes:
    """A picture with black and white stripes."""
    picture = Image.new("RGB", (width, 160), "black")
    for left in range(0, width, 2 * stripe):
        picture.paste("white", (left, 0, left + stripe, 160))
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=quality)
    return file.getvalue()


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """The service of `app.py`."""
    with (
        running_fake() as rekognition,
        running_emulator(tmp_path_factory.mktemp("emulator"), rekognition_url=rekognition.url) as emulator,
    ):
        endpoints = emulator.endpoints
        deployed = deploy(APP, stack="Redaction", endpoints=endpoints, folder=tmp_path_factory.mktemp("app"))
        outcomes, workflow_outcomes = (
            RuleQueue(endpoints, f"outcomes-of-{sender}", rule={"EventPattern": json.dumps(_sent_by(sender))})
            for sender in ("redaction", "workflow")
        )
        yield Service(
            endpoints=endpoints,
            rekognition=rekognition,
            uploads=deployed.physical["Uploads"],
            copies=deployed.physical["Copies"],
            reviews=deployed.physical["ServiceReviews"],
            outcomes=outcomes,
            workflow=WorkflowUploads(endpoints=endpoints, workflow=choose_workflow(deployed_workflows(endpoints))),
            workflow_outcomes=workflow_outcomes,
        )


def _sent_by(sender: str) -> dict[str, Any]:
    return {"source": ["safelight"], "detail": {sender: [{"exists": True}]}}


def test_an_upload_gets_a_redacted_copy_and_an_event(service: Service) -> None:
    service.put("p1/a.jpg")
    wait_until(lambda: service.is_covered("p1/a.jpg"))
    events = service.outcomes.take_until(lambda taken: any(it["detail"]["key"] == "p1/a.jpg" for it in taken))
    (event,) = (it for it in events if it["detail"]["key"] == "p1/a.jpg")
    assert event["detail-type"] == "Image Redacted"
    assert event["detail"]["boxes"] == {"FACE": 1}


def test_the_copy_of_a_replaced_upload_is_replaced(service: Service) -> None:
    service.put("p1/replaced.jpg")
    wait_until(lambda: service.is_covered("p1/replaced.jpg"))
    before = service.copy("p1/replaced.jpg")
    assert before is not None
    service.put("p1/replaced.jpg", width=240)
    wait_until(lambda: (service.copy("p1/replaced.jpg") or before)["ETag"] != before["ETag"])
    assert service.is_covered("p1/replaced.jpg")


def test_the_copy_of_a_deleted_upload_is_deleted(service: Service) -> None:
    service.put("p1/deleted.jpg")
    wait_until(lambda: service.is_covered("p1/deleted.jpg"))
    service.endpoints.s3.delete_object(Bucket=service.uploads, Key="p1/deleted.jpg")
    wait_until(lambda: service.copy("p1/deleted.jpg") is None)
    wait_until(lambda: service.boxes("p1/deleted.jpg") is None)


def test_the_boxes_of_a_copy_are_kept_for_review(service: Service) -> None:
    service.put("p1/reviewed.jpg")
    wait_until(lambda: service.is_covered("p1/reviewed.jpg"))
    copy, review = service.copy("p1/reviewed.jpg"), service.boxes("p1/reviewed.jpg")
    assert copy is not None
    assert review is not None
    assert review.is_of(copy["Metadata"])
    assert [box.kind for box in review.boxes] == [BoxKind.FACE]


def test_without_an_answer_of_rekognition_there_is_no_copy_until_it_answers(service: Service) -> None:
    keys = {fault: f"p1/{fault.name}.jpg" for fault in Fault}
    for fault, key in keys.items():
        service.put(key, width=fault)
    # The SDK asks twice at most, so the third question belongs to a second delivery.
    wait_until(lambda: all(service.rekognition.asked[fault] >= 3 for fault in Fault))
    assert [key for key in keys.values() if service.copy(key) is not None] == []
    service.rekognition.is_healed = True
    wait_until(lambda: all(service.is_covered(key) for key in keys.values()))


def test_renditions_of_a_redacting_route_do_not_show_what_the_record_says_was_covered(service: Service) -> None:
    uploaded = striped(width=300, stripe=12)
    service.workflow.put("p1/face.jpg", uploaded)
    wait_until(lambda: service.workflow.outcomes("p1/face.jpg") != [])
    (record,) = service.workflow.outcomes("p1/face.jpg")
    assert record["status"] == "PUBLISHED"
    (face,) = boxes_of(record)
    assert (face.kind, face.left, face.top, face.width, face.height) == (BoxKind.FACE, 0.25, 0.25, 0.5, 0.5)
    renditions = service.workflow.renditions("p1/face.jpg")
    assert len(renditions) == 2
    assert contrast_in(uploaded, face) > 200
    assert max(contrast_in(data, face) for data in renditions) < 30
    assert min(contrast_in(data, _CORNER) for data in renditions) > 200


def test_a_redacting_route_whose_detector_fails_publishes_nothing_and_has_one_outcome(service: Service) -> None:
    service.workflow.put("p1/unanswered.jpg", striped(width=Fault.MALFORMED + LASTING))

    def is_told(events: Sequence[Mapping[str, Any]]) -> bool:
        return any(event["detail"]["key"] == "p1/unanswered.jpg" for event in events)

    told = service.workflow_outcomes.take_until(is_told)
    assert [it["detail-type"] for it in told if it["detail"]["key"] == "p1/unanswered.jpg"] == ["Image Failed"]
    (record,) = service.workflow.outcomes("p1/unanswered.jpg")
    assert (record["status"], json.loads(record["detail"])["name"]) == ("FAILED", "MalformedAnswer")
    assert service.workflow.renditions("p1/unanswered.jpg") == []
