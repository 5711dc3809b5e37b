"""The certificate that functions trust.

A function can name the certificates of Lambda's runtime in its environment: the handler of ``BucketDeployment`` does.
The emulator's certificate is not among them, and the file may not exist on this machine.
"""

_VARIABLES = {"AWS_CA_BUNDLE", "NODE_EXTRA_CA_CERTS", "REQUESTS_CA_BUNDLE", "SSL_CERT_FILE"}


def apply() -> None:
    """Return these variables of the emulator's environment precedence over those of a function."""
    from ministack.core import lambda_runtime

    lambda_runtime._RESERVED_RUNTIME_ENV_VARS |= _VARIABLES
