"""An argument of a wrong type gets one message that names the argument, what it is, and what to pass."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any, Protocol, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safelight_contracts.arguments import validated, validated_fields
from safelight_contracts.development import Development
from safelight_contracts.image_types import WRITABLE_TYPES, ImageType
from safelight_contracts.limits import Limits
from safelight_contracts.renditions import Fit, Metadata, Rendition, Ssim
from safelight_contracts.watermarks import Watermark


class Colour(Enum):
    RED = "red"
    BLUE = "blue"


class Named(Protocol):
    @property
    def name(self) -> str: ...


class Key:
    name = "k"


OBJECT = object()


@validated_fields
@dataclass(frozen=True, kw_only=True)
class Paint:
    colour: Colour | None = None
    count: int = 1
    part: float = 0.5
    loud: bool = False
    name: str = ""
    path: Path | None = None
    kinds: Iterable[ImageType] = ()
    words: Sequence[str] = ()
    by_name: Mapping[str, Colour] | None = None
    point: tuple[float, float] = (0, 0)
    key: Named | None = None
    anything: Any = None


@validated
def shout(word: str, *, times: int = 1) -> str:
    return word * times


@pytest.mark.parametrize(
    "arguments",
    [
        {},
        {"colour": Colour.RED, "count": 3, "part": 1, "loud": True, "name": "n", "path": Path("p")},
        {"kinds": [ImageType.PNG], "words": ("a", "b"), "by_name": {"a": Colour.BLUE}, "point": [0.5, 1]},
        {"kinds": iter([ImageType.PNG]), "key": Key(), "anything": OBJECT},
    ],
)
def test_arguments_of_the_right_types_are_passed_on(arguments: dict[str, Any]) -> None:
    assert Paint(**arguments).colour is arguments.get("colour")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"colour": "red"}, "Paint: colour is 'red', a str. Pass a Colour: Colour.RED."),
        ({"colour": "BLUE"}, "Paint: colour is 'BLUE', a str. Pass a Colour: Colour.BLUE."),
        ({"colour": "green"}, "Paint: colour is 'green', a str. Pass a Colour: Colour.RED or Colour.BLUE."),
        ({"colour": ImageType.PNG}, "Paint: colour is ImageType.PNG. Pass a Colour: Colour.RED or Colour.BLUE."),
        ({"count": "3"}, "Paint: count is '3', a str. Pass an int."),
        ({"count": True}, "Paint: count is True, a bool. Pass an int."),
        ({"part": "half"}, "Paint: part is 'half', a str. Pass a float."),
        ({"loud": 1}, "Paint: loud is 1, an int. Pass a bool."),
        ({"name": None}, "Paint: name is None. Pass a str."),
        ({"name": Colour}, "Paint: name is Colour, a class. Pass a str."),
        ({"path": "a.json"}, "Paint: path is 'a.json', a str. Pass a Path, such as Path('a.json')."),
        ({"kinds": ImageType.JPEG}, "Paint: kinds is ImageType.JPEG. Pass a list of ImageType: [ImageType.JPEG]."),
        ({"kinds": ["JPEG"]}, "Paint: kinds[0] is 'JPEG', a str. Pass an ImageType: ImageType.JPEG."),
        ({"words": "a"}, "Paint: words is 'a', a str. Pass a list of str: ['a']."),
        ({"words": {"a": 1}}, "Paint: words is {'a': 1}, a dict. Pass a list of str."),
        ({"by_name": [Colour.RED]}, "Paint: by_name is a list. Pass a dict of str to Colour."),
        ({"by_name": {"a": "red"}}, "Paint: by_name['a'] is 'red', a str. Pass a Colour: Colour.RED."),
        ({"by_name": {1: Colour.RED}}, "Paint: a key of by_name is 1, an int. Pass a str."),
        ({"point": 0.5}, "Paint: point is 0.5, a float. Pass 2 values, such as (0.5, 0.5)."),
        ({"point": (0.5, "1")}, "Paint: point[1] is '1', a str. Pass a float."),
        ({"key": OBJECT}, "Paint: key is an object. Pass a Named."),
        ({"key": "k"}, "Paint: key is 'k', a str. Pass a Named."),
    ],
    # The text of an object has its address, which differs in each process of a parallel run.
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_the_message_names_the_argument_and_what_to_pass(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(TypeError) as raised:
        Paint(**arguments)
    assert str(raised.value) == message


@given(name=st.text(min_size=61))
def test_a_long_value_is_shortened(name: Any) -> None:
    with pytest.raises(TypeError) as raised:
        Paint(count=name)
    assert len(str(raised.value)) < 120


def test_the_arguments_of_a_function_are_validated_by_position_and_by_name() -> None:
    assert shout("a", times=2) == "aa"
    wrong: Any = 3
    with pytest.raises(TypeError, match=r"^shout: word is 3, an int\. Pass a str\.$"):
        shout(wrong)
    with pytest.raises(TypeError, match=r"^shout: times is 'a', a str\. Pass an int\.$"):
        shout("a", times=cast(Any, "a"))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"word": "a", "tims": 2}, "shout: there is no argument tims. Did you mean times?"),
        ({"word": "a", "colour": 2}, "shout: there is no argument colour."),
        ({"wrd": "a"}, "shout: there is no argument wrd. Did you mean word?"),
        ({"times": 2}, "shout: the argument word is missing."),
    ],
)
def test_an_unknown_or_missing_argument_is_named_with_its_function(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(TypeError) as raised:
        shout(**arguments)
    assert str(raised.value) == message


def test_too_many_arguments_are_reported_with_the_function() -> None:
    wrong: Any = shout
    with pytest.raises(TypeError, match=r"^shout: too many positional arguments\.$"):
        wrong("a", 1, 2)


A_RENDITION: Any = Rendition
AN_SSIM: Any = Ssim
LIMITS: Any = Limits
DEVELOPMENT: Any = Development
A_WATERMARK: Any = Watermark


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: A_RENDITION(name="a", width=9, type="webp"), r"Rendition: type is 'webp'.*ImageType\.WEBP"),
        (lambda: A_RENDITION(name="a", width=9, height=9, fit="cover"), r"Rendition: fit is 'cover'.*Fit\.COVER"),
        (lambda: A_RENDITION(name="a", width="9"), r"Rendition: width is '9', a str\. Pass an int"),
        (lambda: A_RENDITION(name="a", width=9, target=0.95), r"Rendition: target is 0\.95, a float\. Pass a Ssim"),
        (
            lambda: A_RENDITION(name="a", width=9, chroma_subsampling="4:4:4"),
            r"Rendition: chroma_subsampling is '4:4:4', a str\. Pass a ChromaSubsampling: ChromaSubsampling\.YUV_444",
        ),
        (
            lambda: A_RENDITION(name="a", width=9, keep=Metadata.ARTIST),
            r"Rendition: keep is Metadata\.ARTIST\. Pass a list of Metadata: \[Metadata\.ARTIST\]",
        ),
        (
            lambda: A_RENDITION(name="a", width=9, keep=["copyright"]),
            r"Rendition: keep\[0\] is 'copyright', a str\. Pass a Metadata: Metadata\.COPYRIGHT",
        ),
        (lambda: A_RENDITION(name="a", width=9, watermark="me"), r"Rendition: watermark is 'me'.*Pass a Watermark"),
        (lambda: A_RENDITION(name="a"), r"^Rendition: the argument width is missing\.$"),
        (lambda: A_RENDITION(name="a", widht=9), r"^Rendition: there is no argument widht\. Did you mean width\?$"),
        (lambda: AN_SSIM("0.9"), r"Ssim: value is '0\.9'"),
        (lambda: LIMITS(max_bytes="5"), r"Limits: max_bytes is '5'"),
        (lambda: DEVELOPMENT(method="half"), r"Development: method is 'half'.*DevelopmentMethod\.HALF"),
        (lambda: A_WATERMARK.text("me", position="centre"), r"Watermark\.text: position .*WatermarkPosition\.CENTRE"),
        (lambda: A_WATERMARK.image("me.png"), r"Watermark\.image: image is 'me\.png'.*Path\('me\.png'\)"),
    ],
)
def test_a_contract_rejects_a_wrong_type(make: Callable[[], object], message: str) -> None:
    with pytest.raises(TypeError, match=message):
        make()


@pytest.mark.parametrize("member", [*Fit, *WRITABLE_TYPES])
def test_the_value_of_a_member_names_the_member(member: Fit | ImageType) -> None:
    enum = type(member).__name__
    argument = {"Fit": "fit", "ImageType": "type"}[enum]
    with pytest.raises(TypeError, match=rf"Pass an? {enum}: {enum}\.{member.name}\.$"):
        A_RENDITION(name="a", width=9, **{argument: member.value})
