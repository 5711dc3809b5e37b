"""Rekognition's JSON protocol: rejected requests and their errors."""

import base64
import io
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError
from PIL import Image
from tests.local.rekognition import photographs
from tests.local.rekognition.stand_in import StandIn

if TYPE_CHECKING:
    from mypy_boto3_rekognition import RekognitionClient


def blank(width: int, height: int) -> Image.Image:
    return Image.new("RGB", (width, height), "gray")


def error_of(client: "RekognitionClient", data: bytes, **settings: Any) -> tuple[str, str]:
    with pytest.raises(ClientError) as refused:
        client.detect_labels(Image={"Bytes": data}, **settings)
    error = refused.value.response["Error"]
    return error["Code"], error["Message"]


def test_bytes_that_are_not_an_image_are_rejected(rekognition: "RekognitionClient") -> None:
    assert error_of(rekognition, b"plain text") == (
        "InvalidImageFormatException",
        "Request has invalid image format",
    )


@pytest.mark.parametrize("image_format", ["WEBP", "GIF", "TIFF", "BMP", "AVIF"])
def test_images_that_are_neither_jpeg_nor_png_are_rejected(rekognition: "RekognitionClient", image_format: str) -> None:
    data = photographs.encoded(blank(200, 200), format=image_format)
    assert error_of(rekognition, data)[0] == "InvalidImageFormatException"


def test_a_truncated_jpeg_is_rejected(rekognition: "RekognitionClient") -> None:
    data = photographs.encoded(photographs.cat())
    assert error_of(rekognition, data[: len(data) // 2])[0] == "InvalidImageFormatException"


def test_an_image_of_79_pixels_a_side_is_rejected(rekognition: "RekognitionClient") -> None:
    assert error_of(rekognition, photographs.encoded(blank(300, 79)))[0] == "InvalidParameterException"


def test_an_image_of_80_pixels_a_side_is_accepted(rekognition: "RekognitionClient") -> None:
    rekognition.detect_labels(Image={"Bytes": photographs.encoded(blank(80, 80))})


def test_an_image_of_5_mb_and_a_byte_is_rejected(rekognition: "RekognitionClient") -> None:
    data = photographs.encoded(blank(100, 100)).ljust(5_242_881, b"\0")
    code, message = error_of(rekognition, data)
    assert code == "ValidationException"
    assert "'image.bytes' failed to satisfy constraint" in message


def test_an_image_of_5_mb_is_accepted(rekognition: "RekognitionClient") -> None:
    data = photographs.encoded(blank(100, 100)).ljust(5_242_880, b"\0")
    rekognition.detect_labels(Image={"Bytes": data})


def test_a_confidence_over_100_is_rejected(rekognition: "RekognitionClient") -> None:
    code, message = error_of(rekognition, photographs.encoded(blank(100, 100)), MinConfidence=101)
    assert code == "ValidationException"
    assert "'minConfidence'" in message


def test_features_that_the_stand_in_lacks_are_rejected(rekognition: "RekognitionClient") -> None:
    code, message = error_of(
        rekognition, photographs.encoded(blank(100, 100)), Features=["GENERAL_LABELS", "IMAGE_PROPERTIES"]
    )
    assert code == "InvalidParameterException"
    assert "GENERAL_LABELS" in message


def test_an_object_that_cannot_be_read_is_rejected(rekognition: "RekognitionClient") -> None:
    with pytest.raises(rekognition.exceptions.InvalidS3ObjectException) as refused:
        rekognition.detect_labels(Image={"S3Object": {"Bucket": "no-such-bucket", "Name": "a.jpg"}})
    assert refused.value.response["Error"]["Message"] == (
        "Unable to get object metadata from S3. Check object key, region and/or access permissions."
    )


@pytest.mark.parametrize("image", [{}, {"Bytes": "AAAA", "S3Object": {"Bucket": "bucket", "Name": "a.jpg"}}])
def test_an_image_is_either_bytes_or_an_object(stand_in: StandIn, image: dict[str, Any]) -> None:
    assert stand_in.call("DetectLabels", {"Image": image}).body["__type"] == "InvalidParameterException"


def test_a_request_without_an_image_is_rejected(stand_in: StandIn) -> None:
    answer = stand_in.call("DetectModerationLabels", {"MinConfidence": 50})
    assert (answer.status, answer.body["__type"]) == (400, "ValidationException")


@pytest.mark.parametrize("body", [b"{", b"[]", b'{"Image": {"Bytes": "not base64!"}}'])
def test_a_request_that_cannot_be_parsed_is_rejected(stand_in: StandIn, body: bytes) -> None:
    headers = {"X-Amz-Target": "RekognitionService.DetectLabels"}
    answer = stand_in.send("POST", "/", body=body, headers=headers)
    assert (answer.status, answer.body["__type"]) == (400, "SerializationException")


def test_an_unsupported_operation_is_rejected_with_the_supported_ones(stand_in: StandIn) -> None:
    answer = stand_in.call("CompareFaces", {})
    assert answer.body["__type"] == "UnknownOperationException"
    assert "DetectFaces, DetectLabels, DetectModerationLabels, DetectText" in answer.body["message"]


def test_an_error_names_its_type_in_body_and_header(stand_in: StandIn) -> None:
    answer = stand_in.call("DetectLabels", {"Image": {"Bytes": base64.b64encode(b"text").decode()}})
    assert answer.body["__type"] == answer.headers["x-amzn-errortype"] == "InvalidImageFormatException"
    assert answer.body["message"] == answer.body["Message"] == "Request has invalid image format"


def test_too_large_a_body_is_rejected_unread(stand_in: StandIn) -> None:
    answer = stand_in.send("POST", "/", body=b"", headers={"Content-Length": str(10**9)})
    assert (answer.status, answer.headers["connection"]) == (400, "close")


def test_an_image_with_too_many_pixels_is_rejected_before_it_is_decoded(stand_in: StandIn) -> None:
    buffer = io.BytesIO()
    Image.new("1", (20_000, 10_000)).save(buffer, "PNG")
    answer = stand_in.call("DetectLabels", {"Image": {"Bytes": base64.b64encode(buffer.getvalue()).decode()}})
    assert answer.body["__type"] == "ImageTooLargeException"


def test_the_health_check_answers(stand_in: StandIn) -> None:
    answer = stand_in.send("GET", "/healthz")
    assert (answer.status, answer.body["status"]) == (200, "ready")


def test_other_paths_are_not_found(stand_in: StandIn) -> None:
    assert [stand_in.send(method, "/other").status for method in ("GET", "PUT", "DELETE")] == [404, 404, 404]


def test_the_log_contains_requests_but_no_labels(stand_in: StandIn, rekognition: "RekognitionClient") -> None:
    rekognition.detect_labels(Image={"Bytes": photographs.encoded(photographs.person())})
    log = stand_in.log.read_text()
    assert "DetectLabels answered in" in log
    assert "Person" not in log


def test_unknown_and_null_members_of_a_request_are_ignored(stand_in: StandIn) -> None:
    data = base64.b64encode(photographs.encoded(photographs.cat())).decode()
    answer = stand_in.call("DetectLabels", {"Image": {"Bytes": data}, "Unknown": 1, "MaxLabels": None})
    assert answer.body["Labels"][0]["Name"] == "Cat"


def test_an_answer_has_the_content_type_of_the_protocol(stand_in: StandIn) -> None:
    data = base64.b64encode(photographs.encoded(photographs.cat())).decode()
    answer = stand_in.call("DetectLabels", {"Image": {"Bytes": data}})
    assert answer.headers["content-type"] == "application/x-amz-json-1.1"
