"""Finds the deployed websites that resize images, by the outputs of their stacks."""

import re
from dataclasses import dataclass

from safelight_local.aws.clients import Clients
from safelight_local.aws.deployment import outputs_of_constructs

_OUTPUT = re.compile(r"(?P<construct>.+?)(?P<output>WebsiteUrl|WebsiteSource)[0-9A-F]{8}")
_REQUIRED = {"WebsiteUrl", "WebsiteSource"}


@dataclass(frozen=True, kw_only=True)
class Website:
    """A deployed website.

    `name`: the id of the construct in its app, such as ``Site``.
    `source_bucket`: the bucket of its images.
    `url`: what its URLs begin with. In the emulator, it is an address on this machine.
    """

    name: str
    stack: str
    source_bucket: str
    url: str


def deployed_websites(clients: Clients) -> list[Website]:
    """List the websites of all stacks, in order of account, region, stack and name."""
    return [
        Website(name=name, stack=stack, source_bucket=outputs["WebsiteSource"], url=outputs["WebsiteUrl"])
        for there in clients.everywhere
        for (stack, name), outputs in sorted(outputs_of_constructs(there, pattern=_OUTPUT).items())
        if outputs.keys() >= _REQUIRED
    ]
