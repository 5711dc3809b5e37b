"""What is said of a request before it is signed."""

import pytest
from tests.local.deliveries import settings

from safelight_local.web_pages.refusals import expected_refusals
from safelight_local.web_pages.signed_urls import request_of


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("/a.jpg?widht=500", "there is no parameter 'widht': did you mean width?"),
        ("/a.jpg?zzz=1", "there is no parameter 'zzz'"),
        ("/a.jpg?width=9000", "width=9000 is not a whole number from 1 to 8192"),
        ("/a.jpg?height=0", "height=0 is not a whole number from 1 to 8192"),
        ("/a.jpg?width=a", "width=a is not a whole number from 1 to 8192"),
        ("/a.jpg?preset=card&width=500", "the preset card says width already"),
        ("/a.jpg?preset=huge", "the delivery has no preset 'huge': it has card"),
    ],
)
def test_what_a_delivery_refuses_is_told(url: str, says: str) -> None:
    assert list(expected_refusals(request_of(url), settings=settings())) == [says]


@pytest.mark.parametrize(
    "url", ["/a.jpg", "/a.jpg?width=8192&v=1&format=webp", "/a.jpg?preset=card&quality=50", "/unsafe/300x200/a.jpg"]
)
def test_nothing_is_said_of_other_requests(url: str) -> None:
    assert list(expected_refusals(request_of(url), settings=settings())) == []
