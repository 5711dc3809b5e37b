"""A delivery that is deployed with the workflow whose uploads it delivers: an upload's key is a stable URL."""

from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.local.delivery.deployments import deploy, size
from tests.local.distributions import Answer, fetch
from tests.local.emulator_clients import wait_until

from safelight_local.aws.deployment import DeployedWorkflow, choose_workflow, deployed_workflows
from safelight_local.emulator.endpoints import Endpoints
from safelight_local.emulator.process import Emulator
from safelight_local.samples import Samples

APP = Path(__file__).with_name("workflow_app.py")


@dataclass(frozen=True, kw_only=True)
class Stage:
    """A deployed workflow and its delivery."""

    endpoints: Endpoints
    workflow: DeployedWorkflow
    domain: str

    def upload(self, file: Path, key: str) -> None:
        self.endpoints.s3.put_object(Bucket=self.workflow.upload_bucket, Key=key, Body=file.read_bytes())

    def fetch(self, key: str) -> Answer:
        return fetch(self.endpoints, self.domain, f"/{key}?preset=card")

    def wait_for_size(self, key: str, expected: tuple[int, int]) -> None:
        def is_there() -> bool:
            answer = self.fetch(key)
            return answer.status == 200 and size(answer) == expected

        wait_until(is_there)

    def published(self, key: str) -> list[str]:
        """The keys of the renditions of an upload, old ones included."""
        found = self.endpoints.s3.list_objects_v2(Bucket=self.workflow.published_bucket, Prefix=f"{key}/")
        return [there["Key"] for there in found.get("Contents", ())]


@pytest.fixture(scope="module")
def stage(emulator: Emulator, tmp_path_factory: pytest.TempPathFactory) -> Stage:
    endpoints = emulator.endpoints
    deployed = deploy(APP, stack="Stories", endpoints=endpoints, folder=tmp_path_factory.mktemp("app"))
    (url,) = (value for key, value in deployed.outputs.items() if key.startswith("CdnDeliveryUrl"))
    return Stage(
        endpoints=endpoints,
        workflow=choose_workflow(deployed_workflows(endpoints)),
        domain=url.removeprefix("https://"),
    )


def test_an_upload_goes_through_the_workflow_and_is_delivered_at_a_stable_url(stage: Stage, samples: Samples) -> None:
    stage.upload(samples.landscape, "riverside/coffee.jpg")
    stage.wait_for_size("riverside/coffee.jpg", (320, 213))


def test_what_is_not_published_is_not_found(stage: Stage, samples: Samples) -> None:
    stage.upload(samples.text, "riverside/notes.jpg")
    stage.upload(samples.landscape, "riverside/there.jpg")
    stage.wait_for_size("riverside/there.jpg", (320, 213))
    (rendition,) = stage.published("riverside/there.jpg")
    for key in ("riverside/notes.jpg", "riverside/never-uploaded.jpg", rendition):
        assert stage.fetch(key).status == 404


def test_a_replaced_upload_is_delivered_anew_at_the_same_url(stage: Stage, samples: Samples) -> None:
    stage.upload(samples.landscape, "riverside/replaced.jpg")
    stage.wait_for_size("riverside/replaced.jpg", (320, 213))
    stage.upload(samples.person, "riverside/replaced.jpg")
    stage.wait_for_size("riverside/replaced.jpg", (320, 320))


def test_a_withdrawn_upload_is_gone(stage: Stage, samples: Samples) -> None:
    stage.upload(samples.landscape, "riverside/withdrawn.jpg")
    stage.wait_for_size("riverside/withdrawn.jpg", (320, 213))
    stage.endpoints.s3.delete_object(Bucket=stage.workflow.upload_bucket, Key="riverside/withdrawn.jpg")
    wait_until(lambda: stage.fetch("riverside/withdrawn.jpg").status == 404)
