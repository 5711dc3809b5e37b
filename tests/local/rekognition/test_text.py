"""DetectText: letters that are drawn on an image, and their detections in Rekognition's format."""

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageDraw, ImageFont
from tests.local.rekognition import photographs

from safelight_local.rekognition.detect_text import MAX_WORDS, describe, split_words
from safelight_local.rekognition.geometry import Box, Point
from safelight_local.rekognition.text_reader import Text

if TYPE_CHECKING:
    from mypy_boto3_rekognition import RekognitionClient

LOWER_HALF = {"BoundingBox": {"Left": 0.0, "Top": 0.5, "Width": 1.0, "Height": 0.5}}
words_of_a_line = st.lists(st.text("ABCxyz019", min_size=1, max_size=8), min_size=1, max_size=6)


def card(width: int = 800, height: int = 500) -> Image.Image:
    """Two lines of print in the upper half of a white card, and one in the lower half."""
    image = Image.new("RGB", (width, height), "white")
    pen = ImageDraw.Draw(image)
    pen.text((40, 40), "NEW YORK STATE", font=ImageFont.load_default(60), fill="black")
    pen.text((40, 140), "DRIVER LICENSE", font=ImageFont.load_default(40), fill="navy")
    pen.text((40, 350), "ID: 123 456 789", font=ImageFont.load_default(30), fill="black")
    return image


def read(client: "RekognitionClient", image: Image.Image, **settings: Any) -> list[Any]:
    data = photographs.encoded(image)
    detections: list[Any] = client.detect_text(Image={"Bytes": data}, **settings)["TextDetections"]
    return detections


def texts(detections: list[Any], *, kind: str) -> list[str]:
    return [each["DetectedText"] for each in detections if each["Type"] == kind]


def line(text: str, *, score: float = 0.9, box: Box = Box(0.1, 0.1, 0.5, 0.2)) -> Text:  # noqa: B008 - it is frozen
    corners = (
        Point(box.left, box.top),
        Point(box.right, box.top),
        Point(box.right, box.bottom),
        Point(box.left, box.bottom),
    )
    return Text(text, score, corners)


def test_a_card_is_read_by_line_and_by_word(rekognition: "RekognitionClient") -> None:
    detections = read(rekognition, card())
    assert texts(detections, kind="LINE") == ["NEW YORK STATE", "DRIVER LICENSE", "ID: 123 456 789"]
    assert texts(detections, kind="WORD") == ["NEW", "YORK", "STATE", "DRIVER", "LICENSE", "ID:", "123", "456", "789"]


def test_lines_come_first_and_a_word_names_its_line(rekognition: "RekognitionClient") -> None:
    detections = read(rekognition, card())
    assert [each["Id"] for each in detections] == list(range(len(detections)))
    assert [each.get("ParentId") for each in detections] == [None] * 3 + [0] * 3 + [1] * 2 + [2] * 4


def test_a_line_is_located_where_it_was_drawn(rekognition: "RekognitionClient") -> None:
    box = read(rekognition, card())[0]["Geometry"]["BoundingBox"]
    assert box["Left"] == pytest.approx(40 / 800, abs=0.02)
    assert box["Top"] == pytest.approx(50 / 500, abs=0.03)
    assert 0.55 < box["Width"] < 0.7


def test_the_polygon_of_a_slanted_line_is_slanted_too(rekognition: "RekognitionClient") -> None:
    slanted = card().rotate(10, expand=True, fillcolor="white")
    first = read(rekognition, slanted)[0]
    top_left, top_right, *_ = first["Geometry"]["Polygon"]
    assert first["DetectedText"] == "NEW YORK STATE"
    assert top_left["Y"] > top_right["Y"] + 0.05


def test_a_card_stored_on_its_side_is_read_upright(rekognition: "RekognitionClient") -> None:
    data = photographs.lying_on_its_side(card())
    detections: list[Any] = rekognition.detect_text(Image={"Bytes": data})["TextDetections"]
    assert "DRIVER LICENSE" in texts(detections, kind="LINE")


def test_small_print_in_a_large_photograph_is_read(rekognition: "RekognitionClient") -> None:
    # At 600 pixels a side, which is enough for objects, these letters would be 6 pixels high.
    large = Image.new("RGB", (3000, 3000), "white")
    ImageDraw.Draw(large).text((300, 300), "small print counts too", font=ImageFont.load_default(40), fill="black")
    assert texts(read(rekognition, large), kind="LINE") == ["small print counts too"]


@pytest.mark.parametrize("photograph", [photographs.cat, photographs.person])
def test_an_image_without_text_gets_an_answer(rekognition: "RekognitionClient", photograph: Any) -> None:
    answer = rekognition.detect_text(Image={"Bytes": photographs.encoded(photograph())})
    assert all(each["Confidence"] >= 80 for each in answer["TextDetections"])
    assert answer["TextModelVersion"] == "3.0"


def test_a_blank_image_has_no_text(rekognition: "RekognitionClient") -> None:
    assert read(rekognition, Image.new("RGB", (300, 200), "gray")) == []


def test_words_outside_a_region_of_interest_are_omitted(rekognition: "RekognitionClient") -> None:
    detections = read(rekognition, card(), Filters={"RegionsOfInterest": [LOWER_HALF]})
    assert texts(detections, kind="LINE") == ["ID: 123 456 789"]


def test_words_below_the_min_height_are_omitted(rekognition: "RekognitionClient") -> None:
    detections = read(rekognition, card(), Filters={"WordFilter": {"MinBoundingBoxHeight": 0.1}})
    assert texts(detections, kind="LINE") == ["NEW YORK STATE"]


@pytest.mark.parametrize("region", [{}, {"Polygon": [{"X": 0.0, "Y": 0.0}] * 3}])
def test_a_region_that_is_not_a_bounding_box_is_rejected(
    rekognition: "RekognitionClient", region: dict[str, Any]
) -> None:
    with pytest.raises(ClientError, match=r"InvalidParameterException.*BoundingBox"):
        read(rekognition, card(), Filters={"RegionsOfInterest": [region]})


def test_eleven_regions_are_one_too_many(rekognition: "RekognitionClient") -> None:
    with pytest.raises(ClientError, match=r"ValidationException.*'filters\.regionsOfInterest'"):
        read(rekognition, card(), Filters={"RegionsOfInterest": [LOWER_HALF] * 11})


def test_a_confidence_of_a_word_over_100_is_rejected(rekognition: "RekognitionClient") -> None:
    with pytest.raises(ClientError, match=r"ValidationException.*'filters\.wordFilter\.minConfidence'"):
        read(rekognition, card(), Filters={"WordFilter": {"MinConfidence": 101}})


def test_cards_that_are_sent_concurrently_are_read_correctly(rekognition: "RekognitionClient") -> None:
    def read_number(number: int) -> list[str]:
        image = Image.new("RGB", (400 + 20 * number, 200), "white")
        ImageDraw.Draw(image).text((40, 60), f"NUMBER {number}", font=ImageFont.load_default(50), fill="black")
        return texts(read(rekognition, image), kind="LINE")

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(read_number, range(10, 18))) == [[f"NUMBER {number}"] for number in range(10, 18)]


@given(words_of_a_line)
def test_the_words_of_a_line_are_separated_by_spaces(words: list[str]) -> None:
    assert [word.text for word in split_words(line(" ".join(words)))] == words


@given(words_of_a_line)
def test_words_are_inside_their_line_in_order(words: list[str]) -> None:
    split = split_words(line(" ".join(words), box=Box(0, 0, 1, 1)))
    edges = [corner.x for word in split for corner in word.corners[:2]]
    assert edges == sorted(edges)
    assert (edges[0], edges[-1]) == pytest.approx((0, 1))


def test_a_word_has_the_share_of_the_line_that_its_characters_have() -> None:
    first, second = split_words(line("ab cdefg", box=Box(0, 0, 0.8, 0.1)))
    assert [first.corners[1].x, second.corners[0].x, second.corners[1].x] == pytest.approx([0.2, 0.3, 0.8])


@given(st.floats(0.5, 1), st.floats(0, 100))
def test_words_have_at_least_the_min_confidence(score: float, min_confidence: float) -> None:
    told = describe([line("two words", score=score)], word_filter={"MinConfidence": min_confidence}, regions=[])
    assert bool(told) == (score * 100 >= min_confidence)


def test_words_below_80_percent_are_omitted_by_default() -> None:
    unsure = line("unsure", score=0.79)
    assert describe([unsure], word_filter={}, regions=[]) == []
    assert describe([unsure], word_filter={"MinConfidence": 50}, regions=[])


def test_only_words_more_than_half_in_a_region_are_kept() -> None:
    half, more = Box(0, 0, 0.3, 1), Box(0, 0, 0.31, 1)
    assert describe([line("word")], word_filter={}, regions=[half]) == []
    assert describe([line("word")], word_filter={}, regions=[half, more])


def test_a_whole_line_is_returned_if_one_of_its_words_is_in_a_region() -> None:
    told = describe([line("left right", box=Box(0, 0, 1, 0.1))], word_filter={}, regions=[Box(0, 0, 0.45, 1)])
    assert [each["DetectedText"] for each in told] == ["left right", "left"]


def test_at_most_100_words_are_returned() -> None:
    told = describe([line("word " * 60), line("more " * 60)], word_filter={}, regions=[])
    assert len(texts(told, kind="WORD")) == MAX_WORDS == 100
