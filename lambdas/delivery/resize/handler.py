"""Entry point of the function that a website of S3 redirects to for a size that it does not have."""

import os
from typing import Any

from awskit.delivery.answers import HttpAnswer
from awskit.delivery.budget import new_budget
from awskit.delivery.websites import Website
from awskit.settings import limits
from imagekit.sandbox.delivery import worker
from safelight_contracts.delivery.settings import settings_from_environment
from safelight_contracts.delivery.websites import WEBSITE_VARIABLE

# Started on import, so that it starts while Lambda does its next work.
worker.start()


def handler(event: dict[str, Any], context: object) -> HttpAnswer:  # noqa: ARG001 - Lambda's signature
    """Make an image, store it on the website, and redirect the viewer there.

    `event`: Payload 2.0 of an HTTP API.

    Returns the answer of an HTTP API, whose status says what went wrong. See
    `safelight_contracts.delivery.refusals.Refusal`.
    """
    settings = settings_from_environment(os.environ)
    website = Website(url=os.environ[WEBSITE_VARIABLE], settings=settings, limits=limits(), budget=new_budget())
    return website.answer(event)
