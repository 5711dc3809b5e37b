"""A website that is deployed, and fetched as a browser does it: redirects are followed."""

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from tests.local.delivery.deployments import deploy, put_source, redirected, size
from tests.local.distributions import Answer
from tests.local.emulator_clients import wait_until

from safelight_contracts.delivery.websites import sized_key
from safelight_local.emulator.endpoints import Endpoints
from safelight_local.emulator.process import Emulator
from safelight_local.samples import Samples

APP = Path(__file__).with_name("website_app.py")
KEY = "public/summer (1) ü+.jpg"
IN_URL = "public/summer%20(1)%20%C3%BC%2B.jpg"


@dataclass(frozen=True, kw_only=True)
class Website:
    """A deployed website, and the bucket of its sources."""

    endpoints: Endpoints
    host: str
    bucket: str
    photos: str

    def chain(self, path: str) -> list[Answer]:
        """Every answer until one is no redirect."""
        return redirected(self.endpoints, f"http://{self.host}/{path}")

    def statuses(self, path: str) -> list[int]:
        return [answer.status for answer in self.chain(path)]

    def stored(self) -> set[str]:
        found = self.endpoints.s3.list_objects_v2(Bucket=self.bucket)
        return {there["Key"] for there in found.get("Contents", ())}


@pytest.fixture(scope="module")
def website(emulator: Emulator, samples: Samples, tmp_path_factory: pytest.TempPathFactory) -> Website:
    """The website of `website_app.py`, whose functions have run."""
    endpoints = emulator.endpoints
    deployed = deploy(APP, stack="Website", endpoints=endpoints, folder=tmp_path_factory.mktemp("app"))
    (url,) = (value for key, value in deployed.outputs.items() if "WebsiteUrl" in key)
    made = Website(
        endpoints=endpoints,
        host=urlsplit(url).netloc,
        bucket=deployed.physical["SiteWebsite"],
        photos=deployed.physical["Photos"],
    )
    put(made, samples.landscape, "public/first.jpg")
    # The first start of the function can take longer than a request may.
    wait_until(lambda: made.statuses("320x/public/first.jpg")[-1] == 200)
    return made


def put(website: Website, file: Path, key: str) -> None:
    put_source(
        website.endpoints,
        file,
        bucket=website.photos,
        key=key,
        results_bucket=website.bucket,
        result=sized_key((320, None), key),
    )


def test_an_image_is_made_once_and_served_by_the_website_afterwards(website: Website, samples: Samples) -> None:
    put(website, samples.landscape, KEY)
    missed, made, image = website.chain(f"320x200/{IN_URL}")
    assert (missed.status, made.status) == (307, 302)
    assert made.headers["cache-control"] == "private, no-store"
    assert size(image) == (320, 200)
    assert image.headers["content-type"] == "image/jpeg"
    assert image.headers["cache-control"] == "max-age=300, stale-while-revalidate=60"
    assert [answer.body for answer in website.chain(f"320x200/{IN_URL}")] == [image.body]


def test_a_side_can_be_left_to_the_aspect_ratio(website: Website, samples: Samples) -> None:
    put(website, samples.landscape, "public/ratio.jpg")
    assert size(website.chain("320x/public/ratio.jpg")[-1]) == (320, 213)
    assert size(website.chain("x100/public/ratio.jpg")[-1]) == (150, 100)


def test_a_redirect_that_somebody_kept_is_no_loop(website: Website, samples: Samples) -> None:
    put(website, samples.landscape, "public/kept.jpg")
    missed, _, image = website.chain("320x/public/kept.jpg")
    (again,) = redirected(website.endpoints, missed.headers["location"])
    assert (again.status, again.body) == (200, image.body)


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("321x200/public/a.jpg", 403),
        ("320x200/private/a.jpg", 403),
        ("320x/public/none.jpg", 404),
        ("0320x/public/a.jpg", 400),
        ("x/public/a.jpg", 400),
        ("public/a.jpg", 400),
        ("l1/320x/public/a.jpg", 400),
    ],
)
def test_what_is_not_permitted_or_not_there_is_refused_and_not_stored(
    website: Website, samples: Samples, path: str, status: int
) -> None:
    for key in ("public/a.jpg", "private/a.jpg"):
        website.endpoints.s3.put_object(Bucket=website.photos, Key=key, Body=samples.small.read_bytes())
    before = website.stored()
    assert website.statuses(path) == [307, status]
    assert website.stored() == before


def test_a_deleted_source_is_gone(website: Website, samples: Samples) -> None:
    put(website, samples.landscape, "public/deleted.jpg")
    for sized in ("320x", "320x200"):
        assert website.statuses(f"{sized}/public/deleted.jpg") == [307, 302, 200]
    website.endpoints.s3.delete_object(Bucket=website.photos, Key="public/deleted.jpg")
    for sized in ("320x", "320x200"):
        wait_until(lambda: website.statuses(f"{sized}/public/deleted.jpg") == [307, 404])  # noqa: B023


def test_a_replaced_source_is_served_anew(website: Website, samples: Samples) -> None:
    put(website, samples.landscape, "public/replaced.jpg")
    assert size(website.chain("320x/public/replaced.jpg")[-1]) == (320, 213)
    put(website, samples.person, "public/replaced.jpg")
    wait_until(lambda: size(website.chain("320x/public/replaced.jpg")[-1]) == (320, 320))
