"""The error answers of AWS services."""

import json

from tools.fault_lab.rules import Fault

Answer = tuple[int, str, bytes]
"""Status, media type and body."""

# "Error responses" in the API reference of Amazon S3.
_S3 = {
    Fault.THROTTLED: (503, "SlowDown"),
    Fault.INTERNAL_ERROR: (500, "InternalError"),
    Fault.UNAVAILABLE: (503, "ServiceUnavailable"),
    Fault.DENIED: (403, "AccessDenied"),
}
# "Errors" of the operations, and "Common error types", in the API references of the four.
_OTHERS = {
    "dynamodb": {
        Fault.THROTTLED: (400, "ProvisionedThroughputExceededException"),
        Fault.INTERNAL_ERROR: (500, "InternalServerError"),
    },
    "events": {
        Fault.THROTTLED: (400, "ThrottlingException"),
        Fault.INTERNAL_ERROR: (500, "InternalException"),
    },
    "rekognition": {
        Fault.THROTTLED: (400, "ProvisionedThroughputExceededException"),
        Fault.INTERNAL_ERROR: (500, "InternalServerError"),
    },
    "states": {
        Fault.THROTTLED: (400, "ThrottlingException"),
        Fault.INTERNAL_ERROR: (500, "InternalServerError"),
    },
}
_OF_ALL = {
    Fault.UNAVAILABLE: (503, "ServiceUnavailable"),
    Fault.DENIED: (400, "AccessDeniedException"),
}
# "Error handling" in the developer guide of Step Functions: a service's errors carry its name.
_STATES = {
    "dynamodb": {
        Fault.THROTTLED: "DynamoDB.ProvisionedThroughputExceededException",
        Fault.INTERNAL_ERROR: "DynamoDB.InternalServerErrorException",
        Fault.DENIED: "DynamoDB.AmazonDynamoDBException",
        Fault.BROKEN_OFF: "DynamoDB.InternalServerErrorException",
    },
    "events": {
        Fault.THROTTLED: "EventBridge.ThrottlingException",
        Fault.INTERNAL_ERROR: "EventBridge.InternalException",
        Fault.DENIED: "EventBridge.EventBridgeException",
        Fault.BROKEN_OFF: "EventBridge.InternalException",
    },
    "lambda": {
        Fault.THROTTLED: "Lambda.TooManyRequestsException",
        Fault.INTERNAL_ERROR: "Lambda.ServiceException",
        Fault.DENIED: "Lambda.AWSLambdaException",
        Fault.BROKEN_OFF: "Lambda.SdkClientException",
    },
}
_MESSAGE = "A fault, put here by a test"


def answer(fault: Fault, *, operation: str) -> Answer:
    """Write the error answer of a service.

    `fault`: one that is an answer.
    `operation`: ``service:Operation``.
    """
    service = operation.partition(":")[0]
    if service == "s3":
        status, code = _S3[fault]
        body = f"<?xml version='1.0'?><Error><Code>{code}</Code><Message>{_MESSAGE}</Message></Error>"
        return status, "application/xml", body.encode()
    status, code = (_OF_ALL | _OTHERS[service])[fault]
    return status, "application/x-amz-json-1.1", json.dumps({"__type": code, "message": _MESSAGE}).encode()


def error_name(fault: Fault, *, operation: str) -> str:
    """Name the error that a state sees.

    `operation`: ``service:operation``.
    """
    if fault is Fault.TIMED_OUT:
        return "States.Timeout"
    return _STATES[operation.partition(":")[0]][fault]
