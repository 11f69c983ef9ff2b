"""How a page shows the images that are here, and what it says of those that are not."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsarchive.clean.sanitise import sanitise
from newsarchive.models import Image, ImageFile, LocalImage
from newsarchive.render.images import ImageContext, archived, image_filters, show_images
from properties.strategies import quick_property_test
from unit.factories import moment

WIDE = LocalImage((ImageFile("images/ab/x-320.webp", 320), ImageFile("images/ab/x-720.webp", 720)), 720, 480, "325")
SMALL = LocalImage((ImageFile("images/cd/y-90.webp", 90),), 90, 60)
MOVING = LocalImage(
    (ImageFile("images/ef/z-320.webp", 320), ImageFile("images/ef/z-moving.webp", 480)), 480, 300, "000", True
)
ADDRESS = "https://a.example/1.jpg?a=1&b=2"
WRITTEN = "https://a.example/1.jpg?a=1&amp;b=2"
HERE = ImageContext("../../../", moment("2021-10-10"), "没有存档")


def shown(tag: str, local: LocalImage | None = WIDE, context: ImageContext = HERE) -> str:
    return show_images(tag, {ADDRESS: local}, context)


def attributes(tag: str) -> dict[str, str]:
    return dict(re.findall(r'([a-z]+)="([^"]*)"', tag))


def test_a_image_names_its_files_its_size_and_its_colour() -> None:
    tag = shown(f'<p><img src="{WRITTEN}" alt="渡轮 &amp; 灯塔" loading="lazy" decoding="async"></p>')

    assert tag == (
        '<p><img src="../../../images/ab/x-720.webp"'
        ' srcset="../../../images/ab/x-320.webp 320w, ../../../images/ab/x-720.webp 720w" sizes="min(92vw,612px)"'
        ' class="r3 g2 b5" width="720" height="480" alt="渡轮 &amp; 灯塔" loading="lazy" decoding="async"></p>'
    )


@pytest.mark.parametrize(
    ("given", "size"),
    [
        ("", ("720", "480")),
        ('width="360" height="900"', ("360", "240")),
        ('width="3000"', ("720", "480")),
        ('height="240"', ("360", "240")),
        ('height="9999"', ("720", "480")),
        ('width="1" height="1"', ("1", "1")),
    ],
)
def test_a_image_keeps_its_shape_and_is_no_larger_than_it_was(given: str, size: tuple[str, str]) -> None:
    found = attributes(shown(f'<img src="{WRITTEN}" {given} loading="lazy">'))

    assert (found["width"], found["height"]) == size
    assert found["sizes"] == f"min(92vw,{min(int(size[0]), 612)}px)"


def test_where_there_is_no_choice_none_is_offered() -> None:
    assert "srcset" not in shown(f'<img src="{WRITTEN}">', SMALL)
    assert "class" not in shown(f'<img src="{WRITTEN}">', SMALL)
    assert attributes(shown(f'<img src="{WRITTEN}">', MOVING)) == {
        "src": "../../../images/ef/z-moving.webp",
        "class": "r0 g0 b0",
        "width": "480",
        "height": "300",
    }


def test_a_reader_of_feeds_gets_one_file_by_its_full_address() -> None:
    tag = shown(f'<img src="{WRITTEN}" alt="x">', context=ImageContext("https://site.example/", None, "", plain=True))

    assert tag == '<img src="https://site.example/images/ab/x-720.webp" width="720" height="480" alt="x">'


def test_in_place_of_a_image_that_is_not_here_stands_where_it_was() -> None:
    box = shown(f'<p><img src="{WRITTEN}" alt="渡轮" width="640"></p>', None)

    assert box == (
        '<p><span class="missing">渡轮<br>没有存档<br>'
        f'<a href="https://web.archive.org/web/20211010/{WRITTEN}">{WRITTEN}</a></span></p>'
    )


def test_inside_a_link_the_box_is_no_link_and_after_it_it_is_again() -> None:
    text = shown(f'<a href="https://b.example/"><img src="{WRITTEN}"></a><img src="{WRITTEN}">', None)

    assert text.count("<a ") == 2
    assert re.match(r'<a href="https://b.example/"><span class="missing">没有存档<br>https://a\.[^<]*</span></a>', text)


def test_an_undated_article_asks_for_any_copy() -> None:
    assert archived(ADDRESS, None) == f"https://web.archive.org/web/{ADDRESS}"


def test_a_image_nobody_speaks_of_stays_where_it_is() -> None:
    tag = '<img src="https://b.example/other.jpg"><img src="data:image/gif;base64,AAAA">'

    assert shown(tag) == tag


@pytest.mark.parametrize(
    ("lead", "width", "file"),
    [
        (Image(ADDRESS), 216, ADDRESS),
        (Image(ADDRESS, local=WIDE), 216, "../images/ab/x-320.webp"),
        (Image(ADDRESS, local=WIDE), 1280, "../images/ab/x-720.webp"),
        (Image(ADDRESS, local=MOVING), 216, "../images/ef/z-320.webp"),
        (Image(ADDRESS, local=MOVING), 1280, "../images/ef/z-moving.webp"),
    ],
)
def test_a_lead_image_is_the_file_that_fits_its_place(lead: Image, width: int, file: str) -> None:
    assert image_filters()["file"](lead, "../", width) == file


PIECES = (
    f'<p>|</p>|<a href="https://b.example/?<img">|</a>|<img src="{WRITTEN}">|<img alt=\'"><script>\' src="{WRITTEN}">'
    f'|<img src="{WRITTEN}" alt="&quot; onerror=&quot;x" width="30">|<img src="https://b.example/2.png">|字|&lt;img|▶ '
).split("|")


class _Outline(HTMLParser):
    """The words of a text, and its elements but for what stands for an image."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.told: list[str] = []
        self.names: set[str] = set()
        self.attributes: set[str] = set()
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.add(tag)
        self.attributes |= {name for name, _ in attrs}
        if tag != "img":
            self.told.append(f"<{tag}>")

    def handle_endtag(self, tag: str) -> None:
        self.told.append(f"</{tag}>")

    def handle_data(self, data: str) -> None:
        self.told.append(data)


@quick_property_test
@given(st.lists(st.sampled_from(PIECES), max_size=20), st.sampled_from([WIDE, SMALL, MOVING]))
def test_showing_images_changes_no_word_and_no_other_element(pieces: list[str], local: LocalImage) -> None:
    text = sanitise("".join(pieces))

    page = shown(text, local)

    assert _Outline(page).told == _Outline(text).told
    assert _Outline(page).names <= {"p", "a", "img"}
    assert _Outline(page).attributes <= {*"src srcset sizes class width height alt href loading decoding".split()}


@quick_property_test
@given(st.lists(st.sampled_from(PIECES), max_size=20))
def test_boxes_add_nothing_but_themselves(pieces: list[str]) -> None:
    text = sanitise("".join(pieces))

    page = shown(text, None)

    assert _Outline(page).names <= {"p", "a", "img", "span", "br"}
    assert _Outline(page).attributes <= {*"src class alt href width height loading decoding".split()}
    assert WRITTEN not in re.sub(r'<span class="missing">.*?</span>', "", page)
