"""Structured logs: one JSON object a line, each naming the upload and the execution.

Nothing of an image's content is logged, and no label. Keys are whatever somebody uploaded: they are values in
JSON, whose quoting keeps them within their line.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

from aws_lambda_powertools import Logger

from awskit.uploads import Upload


@cache
def logger() -> Logger:
    """Give the function's logger; POWERTOOLS_SERVICE_NAME and POWERTOOLS_LOG_LEVEL set it up."""
    return Logger()


@contextmanager
def logging_upload(upload: Upload) -> Iterator[None]:
    """Name an upload in every line that is logged within.

    Parameters
    ----------
    upload
        The upload that is worked on.
    """
    upload_fields = {"bucket": upload.bucket, "key": upload.key, "versionId": upload.version_id}
    with logger().append_context_keys(upload=upload_fields, execution=upload.execution):
        yield
