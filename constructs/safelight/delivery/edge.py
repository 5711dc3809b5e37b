"""The edge function: its code with the delivery's settings in it."""

import json
import re

from aws_cdk import Stack, aws_cloudfront
from constructs import Construct

from safelight.core.account_names import account_wide_name
from safelight.core.assets import LAMBDAS
from safelight.delivery.environments import longest_settings, with_longest_references
from safelight_contracts.delivery.settings import DeliverySettings

_FOLDER = LAMBDAS / "delivery" / "edge"
_PLACEHOLDER = "const SETTINGS = {};"
# "Quotas on CloudFront Functions" in CloudFront's developer guide.
_MAX_BYTES = 10_240
_COMMENT_OR_INDENT = re.compile(r"^[ \t]*(?://.*\n|\n)|^[ \t]+", re.MULTILINE)
# Where the language does not need one.
_LINE_END = re.compile(r"(?<=[;{},])\n")
_SPACE = re.compile(r"(?<=\)) (?=\{)| (?==>)|(?<==>) |(?<=\bif) (?=\()")
# No text and no pattern of the code has an operator between spaces. The placeholder stays as it is.
_OPERATOR = re.compile(r"(?<!SETTINGS) ([=!]==|&&|\|\||[=?:]) ")


def make_edge_function(
    scope: Construct,
    id: str,
    *,
    settings: DeliverySettings,
    key_value_store: aws_cloudfront.KeyValueStore | None,
) -> aws_cloudfront.Function:
    """Make the function that CloudFront runs for every request.

    Parameters
    ----------
    key_value_store
        The signing keys. ``None`` if signing is off.

    Raises
    ------
    ValueError
        If the code is larger than CloudFront allows, because of the settings in it.
    """
    text = edge_code("edge.js")
    _validate_size(text.replace(_PLACEHOLDER, _told(json.dumps(_settings(longest_settings(settings))))))
    code = text.replace(_PLACEHOLDER, _told(Stack.of(scope).to_json_string(_settings(settings))))
    return _make_function(
        scope,
        id,
        code=code,
        comment="Image delivery: checks a request, and finds its result",
        key_value_store=key_value_store,
    )


def make_answer_function(scope: Construct, id: str) -> aws_cloudfront.Function:
    """Make the function that adds ``Vary: Accept`` where the policy for CORS replaces it."""
    return _make_function(
        scope,
        id,
        code=edge_code("answer.js"),
        comment="Image delivery: says what an answer depends on",
        key_value_store=None,
    )


def _make_function(
    scope: Construct, id: str, *, code: str, comment: str, key_value_store: aws_cloudfront.KeyValueStore | None
) -> aws_cloudfront.Function:
    parent = Construct(scope, id)
    return aws_cloudfront.Function(
        parent,
        "Function",
        function_name=account_wide_name(parent),
        comment=comment,
        code=aws_cloudfront.FunctionCode.from_inline(code),
        runtime=aws_cloudfront.FunctionRuntime.JS_2_0,
        key_value_store=key_value_store,
    )


def edge_code(file: str) -> str:
    """Return a file of the edge's code without comments, most line ends and some spaces, which are bytes too."""
    code = _COMMENT_OR_INDENT.sub("", (_FOLDER / file).read_text(encoding="utf-8"))
    return _OPERATOR.sub(r"\1", _SPACE.sub("", _LINE_END.sub("", code)))


def _settings(settings: DeliverySettings) -> dict[str, object]:
    return {
        "scope": settings.scope,
        "bucket": settings.sources[0].bucket,
        "signing": settings.signing.value,
        "typedPresets": sorted(settings.presets_with_type),
        "generation": settings.generation,
    }


def _told(settings: str) -> str:
    return f"const SETTINGS = {settings};"


def _validate_size(code: str) -> None:
    size = len(with_longest_references(code).encode())
    if size > _MAX_BYTES:
        raise ValueError(
            f"The edge function can have up to {size} bytes, and CloudFront allows {_MAX_BYTES}. Use fewer or shorter "
            "names of presets that have a type, or fewer sources whose names are not known at synth."
        )
