"""Only an image of the article can stand for it: no placeholder, icon, QR code or banner."""

from __future__ import annotations

import pytest

from newsarchive.describe.lead_images import select_lead_candidates
from newsarchive.models import Image

PHOTO = Image("https://a.com/2021/photo.jpg")


@pytest.mark.parametrize(
    "address",
    [
        "https://a.com/2021/photo.jpg",
        "https://a.com/uploads/w800h600/photo.jpg",
        "https://a.com/photo-1200x800.jpg",
        "https://n.sinaimg.cn/finance/512/w256h256/20211116/b885.png",
        "https://a.com/20211010x1111.jpg",
    ],
)
def test_a_photograph_may_lead(address: str) -> None:
    assert select_lead_candidates([Image(address)]) == (Image(address),)


@pytest.mark.parametrize(
    "address",
    [
        "https://picsum.photos/400/300?random=7",
        "https://a.com/qrcode_for_gh.jpg",
        "https://a.com/img/erweima.png",
        "https://a.com/img/qr.png",
        "https://a.com/avatar/1.jpg",
        "https://a.com/icons/share.png",
        "https://a.com/logo.png",
        "https://a.com/LOGO.PNG",
        "https://a.com/img/1x1.gif",
        "https://a.com/ads/1.jpg",
        "https://img.shields.io/badge/build-passing-green",
        "https://a.com/figure.svg?v=2",
        "https://a.com/w60h60/photo.jpg",
        "https://a.com/photo-80x80.jpg",
        "data:image/png;base64,AAAA",
    ],
)
def test_what_is_no_image_of_the_news_may_not_lead(address: str) -> None:
    assert select_lead_candidates([Image(address)]) == ()


@pytest.mark.parametrize(
    ("width", "height", "may_lead"),
    [
        (None, None, True),
        (640, 480, True),
        (640, None, True),
        (120, 120, True),
        (119, 480, False),
        (None, 16, False),
        (1000, 200, False),
        (999, 200, True),
        (200, 1000, False),
    ],
)
def test_an_icon_or_a_strip_is_known_by_its_size(width: int | None, height: int | None, may_lead: bool) -> None:
    image = Image(PHOTO.url, width, height)

    assert bool(select_lead_candidates([image])) == may_lead


def test_images_of_the_body_lead_in_their_order() -> None:
    images = [Image(f"https://a.com/{name}.jpg") for name in ("b", "logo", "a")]

    assert select_lead_candidates(images) == (images[0], images[2])


def test_the_front_matters_image_leads_only_where_the_body_has_none() -> None:
    named = "https://a.com/named.jpg"

    assert select_lead_candidates([], named, "", named) == (Image(named),)
    assert select_lead_candidates([PHOTO], named) == (PHOTO,)


def test_a_body_that_has_nothing_but_junk_has_no_lead() -> None:
    assert select_lead_candidates([Image("https://a.com/qrcode.png")], PHOTO.url) == ()
