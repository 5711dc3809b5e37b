"""The stand-in's errors, in AWS's format."""

from __future__ import annotations


class ServiceError(Exception):
    """A request that Rekognition refuses.

    `code`: the name of the error as in Rekognition's API reference, such as ``InvalidImageFormatException``.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
