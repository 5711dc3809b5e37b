"""The edge function: its code with the delivery's settings in it."""

import re
from collections.abc import Mapping

from aws_cdk import Stack, Tokenization, aws_cloudfront
from constructs import Construct

from safelight.core.account_names import account_wide_name
from safelight.core.assets import LAMBDAS
from safelight_contracts.delivery.settings import DeliverySettings

_FOLDER = LAMBDAS / "delivery" / "edge"
_PLACEHOLDER = "const SETTINGS = {};"
# "Quotas on CloudFront Functions" in CloudFront's developer guide.
_MAX_BYTES = 10_240
# "General purpose bucket naming rules": what a token can become.
_LONGEST_BUCKET_NAME = 63
_COMMENT_OR_INDENT = re.compile(r"^[ \t]*(?://.*\n|\n)|^[ \t]+", re.MULTILINE)
# Where the language does not need one.
_LINE_END = re.compile(r"(?<=[;{},])\n")
_SPACE = re.compile(r"(?<=\)) (?=\{)| (?==>)|(?<==>) |(?<=\bif) (?=\()")


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
    told = {
        "scope": settings.scope,
        "bucket": settings.sources[0].bucket,
        "signing": settings.signing.value,
        "typedPresets": sorted(settings.presets_with_type),
        "generation": settings.generation,
    }
    code = edge_code("edge.js").replace(_PLACEHOLDER, f"const SETTINGS = {Stack.of(scope).to_json_string(told)};")
    _validate_size(_resolvable_length(edge_code("edge.js"), told))
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
    return _SPACE.sub("", _LINE_END.sub("", code))


def _resolvable_length(code: str, told: Mapping[str, object]) -> int:
    """Return the bytes of code with settings, of which a token is as long as a bucket's name can be."""
    text = repr(told)
    tokens = Tokenization.reverse_string(text).tokens
    return len(code.encode()) + len(text.encode()) + _LONGEST_BUCKET_NAME * len(tokens)


def _validate_size(size: int) -> None:
    if size > _MAX_BYTES:
        raise ValueError(
            f"The edge function would have {size} bytes, and CloudFront allows {_MAX_BYTES}. Use fewer or "
            "shorter names of presets that have a type."
        )
