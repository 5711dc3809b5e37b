"""From a URL to a plan."""

from deliverykit.given import check_known
from deliverykit.json_form import plan_of_document
from deliverykit.query_form import plan_of_query
from deliverykit.thumbor_form import plan_of_path
from safelight_contracts.delivery.forms import Form
from safelight_contracts.delivery.operations import ImagePlan
from safelight_contracts.delivery.refusals import Refusal, RequestRefusedError
from safelight_contracts.delivery.request_urls import RequestUrl
from safelight_contracts.delivery.result_keys import names_type
from safelight_contracts.delivery.settings import DeliverySettings


def plan_of(url: RequestUrl, *, settings: DeliverySettings) -> ImagePlan:
    """Read what a URL asks for, whatever its form.

    Raises
    ------
    RequestRefusedError
        `UNKNOWN_PARAMETER`, `REPEATED_PARAMETER`, `CONTRADICTION`, `BAD_PARAMETER` or `BAD_PATH`. It names the
        parameter.
    """
    plan = _read(url, settings=settings)
    # The key of the result says whether what the viewer accepts matters. They must agree, or a viewer gets a type that
    # another one accepts.
    if names_type(url, presets_with_type=settings.presets_with_type) is not (plan.output.type is not None):
        raise RequestRefusedError(
            Refusal.BAD_PARAMETER,
            "An argument of a filter contains format( or autojpg(. Send a JSON document.",
            parameter="filters",
        )
    return plan


def _read(url: RequestUrl, *, settings: DeliverySettings) -> ImagePlan:
    if url.form is Form.QUERY:
        return plan_of_query(url, settings=settings)
    check_known([name for name, _ in url.parameters], known=(), kind="parameter")
    if url.form is Form.JSON:
        return plan_of_document(url)
    return plan_of_path(url, dialect=settings.dialect)
