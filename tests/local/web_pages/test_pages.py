from collections.abc import Mapping
from hashlib import md5, sha256
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from PIL import Image
from tests.local.deliveries import URL, settings

from safelight_contracts.delivery.settings import DeliverySettings, Signing
from safelight_local.errors import UserError
from safelight_local.web_pages.image_urls import ImageUrls
from safelight_local.web_pages.pages import Images, Narrower, Page, rewrite_page

OPEN = settings(is_open=True)


class Site:
    """A folder with a page, ``index.html``, and an image of 1,000 x 500 pixels, ``img/a b.jpg``."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.page = folder / "index.html"
        self.image = folder / "img" / "a b.jpg"
        self.image.parent.mkdir()
        Image.new("RGB", (1000, 500)).save(self.image)
        self.hash = sha256(self.image.read_bytes()).hexdigest()[:8]
        self.version = md5(self.image.read_bytes(), usedforsecurity=False).hexdigest()[:8]

    def url(self, width: int) -> str:
        return f"{URL}/web/a%20b-{self.hash}.jpg?v={self.version}&amp;width={width}"

    def rewrite(
        self,
        html: str | bytes,
        *,
        root: Path | None = None,
        settings: DeliverySettings = OPEN,
        widths: tuple[int, ...] = (320, 640, 1280),
        presets: tuple[str, ...] = (),
        etags: Mapping[str, str] | None = None,
    ) -> Page:
        self.page.write_bytes(html if isinstance(html, bytes) else html.encode())
        urls = ImageUrls(base=URL, settings=settings, signer=None)
        images = Images(urls=urls, bucket="photos", prefix="web/", widths=widths, presets=presets, etags=etags or {})
        return rewrite_page(self.page, root=root, images=images)


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path)


def test_an_img_gets_every_size_and_nothing_else_changes(site: Site) -> None:
    page = site.rewrite("<P>\r\n\t<IMG ALT='a \"b\"'  src=img/a%20b.jpg\n class=x>&nbsp;<br/>")
    assert page.after == (
        f'<P>\r\n\t<IMG ALT=\'a "b"\'  src="{site.url(1280)}"'
        f' srcset="{site.url(320)} 320w, {site.url(640)} 640w, {site.url(1280)} 1000w"'
        ' sizes="(max-width: 1000px) 100vw, 1000px"'
        "\n class=x>&nbsp;<br/>"
    )
    assert [it.path for it in page.images] == [site.image]
    assert page.left == ()


def test_the_width_of_an_img_says_how_wide_it_is_shown(site: Site) -> None:
    assert ' sizes="(max-width: 300px) 100vw, 300px"' in site.rewrite('<img src="img/a b.jpg" width="300">').after


def test_an_image_that_is_wider_than_the_largest_of_its_sizes_is_shown_as_wide_as_before(site: Site) -> None:
    page = site.rewrite('<img src="img/a b.jpg">', widths=(320, 640))
    assert ' sizes="(max-width: 1000px) 100vw, 1000px"' in page.after
    assert page.narrower == ()


def test_an_image_that_gets_narrower_is_told(site: Site) -> None:
    narrower = site.rewrite('<img src="img/a b.jpg"><img src="img/a b.jpg" width="300">', widths=(320,)).narrower
    assert narrower == (Narrower(url="img/a b.jpg", before=1000, now=320),)


def test_sizes_that_are_there_stay(site: Site) -> None:
    assert site.rewrite('<img src="img/a b.jpg" sizes="50vw">').after.count("sizes") == 1


def test_an_img_with_one_size_gets_no_srcset(site: Site) -> None:
    assert site.rewrite('<img src="img/a b.jpg">', widths=(320,)).after == f'<img src="{site.url(320)}">'


def test_presets_take_the_place_of_widths(site: Site) -> None:
    after = site.rewrite('<img src="img/a b.jpg">', presets=("card",)).after
    assert after == f'<img src="{URL}/web/a%20b-{site.hash}.jpg?preset=card&amp;v={site.version}">'


def test_the_version_is_the_etag_of_the_stored_object(site: Site) -> None:
    stored = {f"web/a b-{site.hash}.jpg": "0123456789abcdef"}
    assert "?v=01234567&amp;" in site.rewrite('<img src="img/a b.jpg">', widths=(320,), etags=stored).after


def test_each_local_image_of_a_srcset_is_replaced_and_keeps_its_descriptor(site: Site) -> None:
    page = site.rewrite(
        '<picture><source srcset="img/a%20b.jpg 320w, https://h/c.jpg 640w">'
        '<img srcset="img/a%20b.jpg, img/a%20b.jpg 2x"></picture>'
    )
    assert page.after == (
        f'<picture><source srcset="{site.url(320)} 320w, https://h/c.jpg 640w">'
        f'<img srcset="{site.url(1000)}, {site.url(1000)} 2x"></picture>'
    )


def test_a_srcset_asks_for_the_next_permitted_width(site: Site) -> None:
    permitted = settings(sizes=((400, None), (1600, None)), signing=Signing.OFF)
    page = site.rewrite('<img srcset="img/a%20b.jpg 320w, img/a%20b.jpg 500w">', settings=permitted)
    assert page.after == f'<img srcset="{site.url(400)} 400w, {site.url(1600)} 1000w">'


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("none.jpg", "missing"),
        ("", "missing"),
        ("img", "missing"),
        ("{{ image }}", "missing"),
        ("a%00.jpg", "missing"),
        ("%ff.jpg", "not a URL in UTF-8"),
        ("http://[", "not a URL in UTF-8"),
        ("/img/a b.jpg", "begins with a slash: name the folder of the site with --root"),
        ("index.html", "not a picture that others can be made from"),
    ],
)
def test_a_file_that_is_no_image_here_is_listed_and_left_alone(url: str, reason: str, site: Site) -> None:
    page = site.rewrite(f'<img src="{url}"><img src="{url}">')
    assert page.after == page.before
    assert [(it.url, it.reason) for it in page.left] == [(url, reason)]


@pytest.mark.parametrize("url", ["https://h/a.jpg", "//h/a.jpg", "data:image/png;base64,AA=="])
def test_an_image_that_is_no_file_is_left_alone_and_not_listed(url: str, site: Site) -> None:
    page = site.rewrite(f'<img src="{url}">')
    assert (page.after, page.left) == (page.before, ())


def test_a_page_with_a_base_is_left_alone(site: Site) -> None:
    page = site.rewrite('<base href="/other/"><img src="img/a b.jpg">')
    assert page.after == page.before
    assert page.left[0].reason == "the page has <base href>"


def test_a_query_and_a_fragment_do_not_hide_a_file(site: Site) -> None:
    assert len(site.rewrite('<img src=" img/a%20b.jpg?2#x ">').images) == 1


@pytest.mark.parametrize("url", ["../secret.jpg", "img/../../secret.jpg", "%2e%2e/secret.jpg", "link.jpg"])
def test_an_image_outside_of_the_folder_is_refused(url: str, site: Site, tmp_path: Path) -> None:
    outside = tmp_path.parent / "secret.jpg"
    Image.new("RGB", (9, 9)).save(outside)
    (tmp_path / "link.jpg").symlink_to(outside)
    with pytest.raises(UserError, match=r"is outside of .*--root"):
        site.rewrite(f'<img src="{url}">')


def test_the_root_has_the_images_of_all_pages(site: Site) -> None:
    site.page = site.folder / "about" / "index.html"
    site.page.parent.mkdir()
    page = site.rewrite('<img src="../img/a%20b.jpg"><img src="/img/a b.jpg">', root=site.folder)
    assert [it.path for it in page.images] == [site.image]
    assert page.left == ()


def test_a_second_run_changes_nothing(site: Site) -> None:
    first = site.rewrite('<img src="img/a b.jpg"><picture><source srcset="img/a%20b.jpg 2x"></picture>')
    second = site.rewrite(first.after)
    assert second.after == first.after
    assert second.left == ()


def test_a_page_in_another_encoding_keeps_its_bytes(site: Site) -> None:
    page = site.rewrite(b'\xe9\r\n<img alt=\xe9 src="img/a b.jpg">\xff')
    page.write()
    written = site.page.read_bytes()
    assert written.startswith(b'\xe9\r\n<img alt=\xe9 src="https://')
    assert written.endswith(b">\xff")


def test_a_written_page_keeps_its_permissions(site: Site) -> None:
    page = site.rewrite('<img src="img/a b.jpg">')
    site.page.chmod(0o640)
    page.write()
    assert site.page.stat().st_mode & 0o777 == 0o640
    assert [it.name for it in site.folder.iterdir() if it.name.startswith(".")] == []


@given(st.binary(), st.binary())
@hypothesis_settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_text_without_local_images_stays_as_it_is(site: Site, before: bytes, after: bytes) -> None:
    html = before + b'<img src="https://h/a.jpg">' + after
    page = site.rewrite(html)
    page.write()
    assert site.page.read_bytes() == html
