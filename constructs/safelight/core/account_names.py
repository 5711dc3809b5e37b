"""Names of what an account has once for all regions, such as the parts of CloudFront."""

from aws_cdk import Fn, Names, Stack
from constructs import Construct

_LONGEST = 64
# The last part of a stack's ARN is a UUID.
_STACK_DIGITS = 36


def account_wide_name(construct: Construct) -> str:
    """Return a name of at most 64 letters, digits, ``-`` and ``_``, which no other stack of the account gives.

    The CDK makes such names of the construct's path only, and two deployments of one app would collide.
    """
    _, _, stack = (Fn.select(part, Fn.split("/", Stack.of(construct).stack_id)) for part in range(3))
    readable = Names.unique_resource_name(construct, max_length=_LONGEST - _STACK_DIGITS - 1, separator="-")
    return f"{readable}-{stack}"
