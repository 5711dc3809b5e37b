"""Validates requests, answers and errors against botocore's service model of Rekognition."""

from __future__ import annotations

import base64
import binascii
import functools
from typing import Any

import botocore.loaders
from botocore.model import ListShape, OperationModel, ServiceModel, Shape, StringShape, StructureShape
from botocore.validate import ParamValidator

from safelight_local.rekognition.errors import ServiceError


@functools.cache
def service_model() -> ServiceModel:
    """Return botocore's model of Rekognition."""
    # A session would look for the user's AWS profile, and fail if it does not exist.
    return ServiceModel(botocore.loaders.create_loader().load_service_model("rekognition", "service-2"), "rekognition")


def operation_model(name: str) -> OperationModel:
    """Return the model of one operation, such as ``DetectLabels``."""
    return service_model().operation_model(name)


def parse_request(operation: str, body: Any) -> dict[str, Any]:
    """Parse the JSON of a request into its parameters: blobs decoded, and valid by the model.

    Raises ServiceError: ``SerializationException`` when a value has the wrong type, ``ValidationException`` when one is
    missing or out of its range.
    """
    shape = operation_model(operation).input_shape
    if not isinstance(body, dict) or not isinstance(shape, StructureShape):
        raise ServiceError("SerializationException", "The request is not a JSON object")
    request = {name: value for name, value in body.items() if name in shape.members and value is not None}
    if isinstance(image := request.get("Image"), dict) and isinstance(blob := image.get("Bytes"), str):
        try:
            request["Image"] = image | {"Bytes": base64.b64decode(blob, validate=True)}
        except binascii.Error as error:
            raise ServiceError("SerializationException", "Image.Bytes is not Base64") from error
    report = ParamValidator().validate(request, shape)
    if report.has_errors():
        raise ServiceError("ValidationException", report.generate_report())
    if problems := _broken_constraints(shape, request, path=""):
        count = f"{len(problems)} validation error{'s' if len(problems) > 1 else ''} detected"
        raise ServiceError("ValidationException", f"{count}: {'; '.join(problems)}")
    return request


def answer_problems(operation: str, answer: Any) -> str:
    """Validate an answer against the model. Empty if it is valid."""
    shape = service_model().shape_for(f"{operation}Response")
    report: str = ParamValidator().validate(answer, shape).generate_report()
    return report


def error_codes(operation: str) -> list[str]:
    """Return the names of the errors that an operation can answer with."""
    return [shape.name for shape in operation_model(operation).error_shapes]


def _broken_constraints(shape: Shape, value: Any, *, path: str) -> list[str]:
    """Find values that exceed the bounds or enums of their shape. botocore does not check these."""
    if isinstance(shape, StructureShape):
        return [
            problem
            for name, member in value.items()
            for problem in _broken_constraints(
                shape.members[name], member, path=f"{path}.{name[0].lower()}{name[1:]}".lstrip(".")
            )
        ]
    problems = []
    if isinstance(shape, ListShape):
        problems = [problem for item in value for problem in _broken_constraints(shape.member, item, path=path)]
    if isinstance(shape, StringShape) and shape.enum and value not in shape.enum:
        problems = [_broken(path, f"satisfy enum value set: [{', '.join(shape.enum)}]")]
    maximum = shape.metadata.get("max")
    if maximum is None:
        return problems
    if isinstance(value, int | float):
        constraint, over = f"have value less than or equal to {maximum}", value > maximum
    else:
        constraint, over = f"have length less than or equal to {maximum}", len(value) > maximum
    return [*problems, _broken(path, constraint)] if over else problems


def _broken(path: str, constraint: str) -> str:
    return f"Value at '{path}' failed to satisfy constraint: Member must {constraint}"
