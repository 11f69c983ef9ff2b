"""Which images can stand for an article. Whether many articles of a source share one is for collect to say."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable

from newsarchive.clean.addresses import image_address
from newsarchive.models import CleanArticle, Image

# Random placeholders of the crawler, QR codes, share and app icons, faces, counters: by the words in their address. It
# is asked in lower case: a pattern that knows no case is searched for at a quarter of the speed.
_NO_LEAD = re.compile(
    r"picsum\.photos|qr[-_]?code|erweima|二维码|[/_-]qr[/_.-]|wechat[-_]?(?:qr|code)|avatar|gravatar|emoji|emoticon|/icons?/|[/_-]icon[-_.]"
    r"|favicon|logo|spacer|blank\.|pixel|1x1|loading|placeholder|badge|shields\.io|button|banner[-_]?ad|/ads?/|\.svg(?:$|\?)"
)
_SIZES_IN_ADDRESS = (
    re.compile(r"[/_-]w(\d{2,4})h(\d{2,4})(?=[/_.-]|$)"),
    re.compile(r"[/_-](\d{2,4})x(\d{2,4})(?=[/_.-]|$)"),
)
_SMALLEST = 120  # pixels; below it an image is an icon or a face


def lead_candidates(clean: CleanArticle) -> tuple[Image, ...]:
    """Images that may stand for a clean article, best first."""
    if clean.images:
        return judge_lead_candidates(clean.images)
    named = dict.fromkeys(clean.raw.text(key) for key in ("thumbnail", "headimg"))  # mostly the same
    return judge_lead_candidates((), *(image_address(html.unescape(address)) for address in named))


def judge_lead_candidates(shown: Iterable[Image], *named: str) -> tuple[Image, ...]:
    """Images that may stand for the article, best first: those of the body, then those the front matter names."""
    body = list(shown)
    known = {image.url for image in body}
    others = [Image(url) for url in dict.fromkeys(named) if url and url not in known]
    # The front matter's image is the body's first image, whatever that was: when cleaning took it out, it was junk.
    candidates = body if body else others
    return tuple(image for image in candidates if may_lead(image))


def may_lead(image: Image) -> bool:
    """False for placeholders, icons, codes and banners, by their address and by their size as far as it is known."""
    if image.url.startswith("data:") or _NO_LEAD.search(image.url.lower()):
        return False
    sizes = [size for size in (image.width, image.height) if size]
    for pattern in _SIZES_IN_ADDRESS:
        if match := pattern.search(image.url):
            sizes += [int(match[1]), int(match[2])]
    return all(size >= _SMALLEST for size in sizes) and not _is_strip(image)


def _is_strip(image: Image) -> bool:
    """Five times as wide as high, or the other way: a banner or a rule."""
    if not image.width or not image.height:
        return False
    return not 0.2 < image.width / image.height < 5
