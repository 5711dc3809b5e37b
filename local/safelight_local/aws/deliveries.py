"""Finds the deployed image deliveries by the outputs of their stacks."""

import re
from dataclasses import dataclass

from safelight_contracts.delivery.settings import DeliverySettings, settings_from_environment
from safelight_local.aws.clients import Clients
from safelight_local.aws.deployment import outputs_of_constructs
from safelight_local.errors import NothingDeployedError, UserError

OUTPUT = re.compile(r"(?P<construct>.+?)(?P<output>DeliveryUrl|MakeFunctionArn|KeyValueStoreArn)[0-9A-F]{8}")
"""The library's output names after the construct's id, then the hash that the CDK ends a logical id with."""

_REQUIRED = {"DeliveryUrl", "MakeFunctionArn"}


@dataclass(frozen=True, kw_only=True)
class Delivery:
    """A deployed image delivery.

    Parameters
    ----------
    name
        The id of the construct in its app, such as ``Cdn``.
    url
        What its URLs begin with, such as ``https://images.example.com``, without a slash at the end.
    local_url
        What its URLs begin with on this machine. ``None`` if it is in a real account, or has a domain of its own.
    function_arn
        The function that makes images.
    settings
        The function's settings.
    key_store
        ARN of the key value store in which the edge function looks keys up. ``None`` if signing is off, or if there is
        no edge function.
    """

    name: str
    stack: str
    url: str
    function_arn: str
    settings: DeliverySettings
    key_store: str | None = None
    local_url: str | None = None

    @property
    def viewer_url(self) -> str:
        """What its URLs begin with where the user's browser finds it."""
        return self.local_url or self.url


def deployed_deliveries(clients: Clients, *, stack: str | None = None) -> list[Delivery]:
    """List the deliveries of all stacks, in every account and region that there is.

    Parameters
    ----------
    stack
        Only those of this stack. Default: all.

    Returns
    -------
    list of Delivery
        In order of account, region, stack and name.
    """
    return [
        _delivery(there, stack=its_stack, name=name, outputs=outputs)
        for there in clients.everywhere
        for (its_stack, name), outputs in sorted(outputs_of_constructs(there, pattern=OUTPUT).items())
        if outputs.keys() >= _REQUIRED and stack in (None, its_stack)
    ]


def _delivery(clients: Clients, *, stack: str, name: str, outputs: dict[str, str]) -> Delivery:
    function = outputs["MakeFunctionArn"]
    url = outputs["DeliveryUrl"].rstrip("/")
    configuration = clients.lambda_.get_function_configuration(FunctionName=function)
    return Delivery(
        name=name,
        stack=stack,
        url=url,
        function_arn=function,
        settings=settings_from_environment(configuration["Environment"]["Variables"]),
        key_store=outputs.get("KeyValueStoreArn"),
        local_url=clients.viewer_url(url),
    )


def choose_delivery(deliveries: list[Delivery], *, name: str | None = None, url: str = "") -> Delivery:
    """Choose one of the deployed deliveries.

    Parameters
    ----------
    name
        Its scope, ``NAME``, or ``STACK/NAME``. Default: the one of `url`, or the only delivery there is.
    url
        A URL of an image. Default: none.

    Raises
    ------
    UserError
        If no delivery matches, or several do.
    """
    if not deliveries:
        raise NothingDeployedError("no image delivery is deployed: add an ImageDelivery to the CDK app, and deploy it")
    if name is None:
        fitting = [it for it in deliveries if origin_of(url) in (it.url, it.local_url)] or deliveries
    else:
        fitting = [it for it in deliveries if name in (it.settings.scope, it.name, f"{it.stack}/{it.name}")]
    if len(fitting) == 1:
        return fitting[0]
    known = ", ".join(f"{it.stack}/{it.name}" for it in deliveries)
    if fitting:
        raise UserError(f"more than one image delivery is deployed: choose with --delivery one of {known}")
    raise UserError(f"there is no image delivery {name!r}: choose with --delivery one of {known}")


def origin_of(url: str) -> str:
    """Return a URL without its path and query, in lower case. Empty if it has no scheme and host."""
    found = re.match("https?://[^/?#]+", url, re.IGNORECASE)
    return found[0].lower() if found else ""
