"""Structured logs: one JSON object per line, each with the upload and the execution.

The content of an image and its labels are never logged. Keys are arbitrary text from uploaders. They are logged as
JSON values, whose quoting keeps them on their line.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

from aws_lambda_powertools import Logger

from awskit.uploads import Upload


@cache
def logger() -> Logger:
    """Return the function's logger. POWERTOOLS_SERVICE_NAME and POWERTOOLS_LOG_LEVEL configure it."""
    return Logger()


@contextmanager
def logging_upload(upload: Upload) -> Iterator[None]:
    """Add an upload to every line that is logged within the context."""
    upload_fields = {"bucket": upload.bucket, "key": upload.key, "versionId": upload.version_id}
    with logger().append_context_keys(upload=upload_fields, execution=upload.execution):
        yield
