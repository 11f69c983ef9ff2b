"""Choose the images that may represent an article in lists and feeds.

A candidate is judged by its own address and size. `collect` decides whether many articles of a source share an image.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable

from newsarchive.clean.addresses import image_address
from newsarchive.models import CleanArticle, Image

# Words in the addresses of the crawler's random placeholders, QR codes, share and app icons, portraits and counters.
# The address is lower-cased before matching: `re.IGNORECASE` searches at a quarter of the speed.
_EXCLUDED_URL = re.compile(
    r"picsum\.photos|qr[-_]?code|erweima|二维码|[/_-]qr[/_.-]|wechat[-_]?(?:qr|code)|avatar|gravatar|emoji|emoticon|/icons?/|[/_-]icon[-_.]"
    r"|favicon|logo|spacer|blank\.|pixel|1x1|loading|placeholder|badge|shields\.io|button|banner[-_]?ad|/ads?/|\.svg(?:$|\?)"
)
_SIZE_IN_URL = (
    re.compile(r"[/_-]w(\d{2,4})h(\d{2,4})(?=[/_.-]|$)"),
    re.compile(r"[/_-](\d{2,4})x(\d{2,4})(?=[/_.-]|$)"),
)
_MIN_SIDE = 120  # pixels; smaller images are icons and portraits
_MAX_ASPECT_RATIO = 5  # of the longer side to the shorter one; banners and rules have more


def lead_candidates(clean: CleanArticle) -> tuple[Image, ...]:
    """Return the candidates for the lead image of a cleaned article, best first."""
    if clean.images:
        return select_lead_candidates(clean.images)
    front_matter_urls = dict.fromkeys(clean.raw.text(key) for key in ("thumbnail", "headimg"))  # mostly equal
    return select_lead_candidates((), *(image_address(html.unescape(address)) for address in front_matter_urls))


def select_lead_candidates(body_images: Iterable[Image], *front_matter_urls: str) -> tuple[Image, ...]:
    """Return the candidates among `body_images`; among `front_matter_urls` if the body has no image. Best first.

    The crawler copied the body's first image into the front matter, whatever it was. If cleaning removed that image, it
    was boilerplate, so the front matter only counts when the body has no image at all.
    """
    body = list(body_images)
    body_urls = {image.url for image in body}
    front_matter_images = [Image(url) for url in dict.fromkeys(front_matter_urls) if url and url not in body_urls]
    candidates = body if body else front_matter_images
    return tuple(image for image in candidates if is_lead_candidate(image))


def is_lead_candidate(image: Image) -> bool:
    """Return False for placeholders, icons, QR codes and banners.

    The address decides, and the size as far as it is known from the image's attributes or from its address (`640x360`,
    `w640h360`).
    """
    if image.url.startswith("data:") or _EXCLUDED_URL.search(image.url.lower()):
        return False
    sizes = [size for size in (image.width, image.height) if size]
    for pattern in _SIZE_IN_URL:
        if match := pattern.search(image.url):
            sizes += [int(match[1]), int(match[2])]
    return all(size >= _MIN_SIDE for size in sizes) and not _is_banner_shaped(image)


def _is_banner_shaped(image: Image) -> bool:
    """Return True if one side is at least five times as long as the other: a banner or a rule."""
    if not image.width or not image.height:
        return False
    return max(image.width, image.height) >= _MAX_ASPECT_RATIO * min(image.width, image.height)
