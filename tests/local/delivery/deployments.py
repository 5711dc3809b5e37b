"""Deploy an app to the emulator, and find what it has made."""

import io
import sys
from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from PIL import Image
from tests.local.distributions import Answer, fetch
from tests.local.emulator_clients import wait_until

from safelight_local.emulator.apps import STALL_SECONDS, deploy_app
from safelight_local.emulator.cdk import find_cli
from safelight_local.emulator.endpoints import Endpoints

ROOT = Path(__file__).parents[3]


@dataclass(frozen=True, kw_only=True)
class Deployment:
    """A deployed stack.

    `outputs`: their values, by name.
    `physical`: names of resources, by their logical ids without the hash at the end.
    """

    outputs: Mapping[str, str]
    physical: Mapping[str, str]


def deploy(app: Path, *, stack: str, endpoints: Endpoints, folder: Path) -> Deployment:
    """Deploy the stack of an app."""
    deploy_app(
        find_cli(ROOT),
        endpoints=endpoints,
        project=ROOT,
        app=f"{sys.executable} {app}",
        context=["safelight:platform=local"],
        folder=folder,
        seconds=STALL_SECONDS,
        step=lambda _: nullcontext(lambda _: None),
    )
    return deployed(stack, endpoints=endpoints)


def deployed(stack: str, *, endpoints: Endpoints) -> Deployment:
    """Describe a stack that is deployed."""
    (described,) = endpoints.cloudformation.describe_stacks(StackName=stack)["Stacks"]
    pages = endpoints.cloudformation.get_paginator("list_stack_resources").paginate(StackName=stack)
    return Deployment(
        outputs={it["OutputKey"]: it["OutputValue"] for it in described["Outputs"]},
        physical={
            it["LogicalResourceId"][:-8]: it["PhysicalResourceId"]
            for page in pages
            for it in page["StackResourceSummaries"]
            if "PhysicalResourceId" in it
        },
    )


def put_source(endpoints: Endpoints, file: Path, *, bucket: str, key: str, results_bucket: str, result: str) -> None:
    """Upload a source, and wait until its event has deleted the results of what was there before.

    The event can come seconds after the upload. A result that is made until then is deleted, and made again when
    somebody asks for it. That is one redirect more, or one invocation.

    Parameters
    ----------
    result
        The key of any result of the source. An object is put there, and is gone once the event has been handled.
    """
    endpoints.s3.put_object(Bucket=results_bucket, Key=result, Body=b"old")
    endpoints.s3.put_object(Bucket=bucket, Key=key, Body=file.read_bytes())

    def is_forgotten() -> bool:
        found = endpoints.s3.list_objects_v2(Bucket=results_bucket, Prefix=result)
        return result not in [there["Key"] for there in found.get("Contents", ())]

    wait_until(is_forgotten)


def size(answer: Answer) -> tuple[int, int]:
    """The width and the height of an image that was answered."""
    assert answer.status == 200, answer
    with Image.open(io.BytesIO(answer.body)) as image:
        return image.size


def redirected(endpoints: Endpoints, url: str, **request: Any) -> list[Answer]:
    """Request a URL as a browser does. Return every answer until one is no redirect."""
    answers: list[Answer] = []
    while url:
        assert len(answers) < 5, answers
        parts = urlsplit(url)
        answers.append(fetch(endpoints, parts.netloc, f"{parts.path}?{parts.query}".rstrip("?"), **request))
        url = answers[-1].headers.get("location", "")
    return answers
