"""Entry point of the function that makes an image when it is asked for."""

import os
from typing import Any

from awskit.delivery.answers import HttpAnswer
from awskit.delivery.budget import new_budget
from awskit.delivery.serving import Delivery
from awskit.settings import limits
from imagekit.sandbox.delivery import worker
from safelight_contracts.delivery.settings import settings_from_environment

# Started on import, so that a snapshot of the function contains it, and it starts while Lambda does its next work.
worker.start()


def handler(event: dict[str, Any], context: object) -> HttpAnswer:  # noqa: ARG001 - Lambda's signature
    """Answer a request for an image.

    `event`: Payload 2.0 of a function URL.

    Returns the answer of a function URL, whose status says what went wrong. See
    `safelight_contracts.delivery.refusals.Refusal`.
    """
    settings = settings_from_environment(os.environ)
    return Delivery(settings=settings, limits=limits(), budget=new_budget()).answer(event)
