"""Origin access control of CloudFront for function URLs.

ministack forwards the request to a function URL with ``AuthType`` ``AWS_IAM`` unsigned, and answers 403. Here the
request counts as signed by ``cloudfront.amazonaws.com`` for the distribution. It is allowed if the function's resource
policy allows that principal both ``lambda:InvokeFunctionUrl`` and ``lambda:InvokeFunction``. AWS needs both since
October 2025. See "Control access to Lambda function URLs" in the developer guide of Lambda.

The function gets a placeholder as ``authorization``. AWS rejects a PUT or POST without the header
``x-amz-content-sha256``; the emulator allows it.
"""

from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from types import ModuleType
from typing import Any

# An origin, or a distribution's configuration, as ministack's data plane reads it.
Properties = dict[str, Any]
# Status, reason, headers and body.
Answer = tuple[int, str, list[tuple[str, str]], bytes]

_SERVICE = "cloudfront.amazonaws.com"
_SIGNATURE = f"AWS4-HMAC-SHA256 Credential={_SERVICE}"
_DISTRIBUTION = "distribution_arn"
_DENIED: Answer = (
    403,
    "Forbidden",
    [("Content-Type", "application/json"), ("x-amzn-ErrorType", "AccessDeniedException")],
    b'{"Message":"Forbidden. For troubleshooting Function URL authorization issues, see: '
    b'https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html"}',
)

_permitted: ContextVar[bool] = ContextVar("permitted", default=False)


def apply() -> None:
    """Patch the data plane of CloudFront and the permission check of function URLs."""
    from ministack import app
    from ministack.services import cloudfront

    cloudfront.parse_distribution_dataplane_config = _with_distribution(cloudfront.parse_distribution_dataplane_config)
    cloudfront._fetch_from_function_url_origin = signed(cloudfront)
    app._enforce_data_plane = _unless_permitted(app._enforce_data_plane)


def signed(cloudfront: ModuleType) -> Callable[..., Awaitable[Answer]]:
    """Wrap ministack's fetch from a function URL so that it follows the origin access control.

    `cloudfront`: ``ministack.services.cloudfront``.
    """
    fetch: Callable[..., Awaitable[Answer]] = cloudfront._fetch_from_function_url_origin

    async def fetch_signed(
        host: str,
        origin: Properties,
        method: str,
        uri: str,
        query: str,
        headers: dict[str, str],
        *request: object,
    ) -> Answer:
        control = cloudfront._oacs.get(origin["oac_id"])
        if control is None or not _signs(control, headers=headers):
            return await fetch(host, origin, method, uri, query, headers, *request)
        if not _may_invoke(host, distribution=origin[_DISTRIBUTION]):
            return _DENIED
        token = _permitted.set(True)
        try:
            return await fetch(host, origin, method, uri, query, headers | {"authorization": _SIGNATURE}, *request)
        finally:
            _permitted.reset(token)

    return fetch_signed


def _signs(control: Properties, *, headers: dict[str, str]) -> bool:
    if control["OriginAccessControlOriginType"] != "lambda":
        return False
    match control["SigningBehavior"]:
        case "always":
            return True
        case "no-override":
            return "authorization" not in headers
        case _:
            return False


def _may_invoke(host: str, *, distribution: str) -> bool:
    from ministack import app
    from ministack.core.iam_evaluator import EvalContext, evaluate_resource_policy
    from ministack.services import lambda_svc

    arn, keys, resolved = app._function_url_auth_target(host.split(".")[0])
    if resolved is None:
        return False
    account, region, name, _qualifier, _settings = resolved
    policy = lambda_svc._functions.get_scoped(account, region, name)["policy"]
    source = {"aws:sourcearn": distribution, "aws:sourceaccount": distribution.split(":")[4]}
    # The evaluator looks keys up in lower case.
    of_actions = {
        "lambda:InvokeFunctionUrl": {key.lower(): value for key, value in keys.items()},
        "lambda:InvokeFunction": {"lambda:invokedviafunctionurl": "true"},
    }

    def allows(action: str) -> bool:
        context = EvalContext(
            principal_arn="*",
            principal_type="Service",
            principal_account="",
            action=action,
            resource_arn=arn,
            region=region,
            service_context=source | of_actions[action],
        )
        return bool(evaluate_resource_policy(policy, context, service=_SERVICE).decision == "Allow")

    return all(allows(action) for action in of_actions)


def _with_distribution(parse: Callable[[Properties], Properties]) -> Callable[[Properties], Properties]:
    def parse_with_distribution(distribution: Properties) -> Properties:
        parsed = parse(distribution)
        for origin in parsed["origins"].values():
            origin[_DISTRIBUTION] = distribution["ARN"]
        return parsed

    return parse_with_distribution


def _unless_permitted(enforce: Callable[..., Any]) -> Callable[..., Any]:
    def enforce_unless_permitted(service: str, action: str, *given: Any, **settings: Any) -> Any:
        if _permitted.get() and action == "lambda:InvokeFunctionUrl":
            return None
        return enforce(service, action, *given, **settings)

    return enforce_unless_permitted
