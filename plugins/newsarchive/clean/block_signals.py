"""Signs by which a block gives itself away as none of the article's. Each is weighed with its place by `ends`."""

from __future__ import annotations

import re
from collections.abc import Sequence

from newsarchive.clean.addresses import is_affiliate
from newsarchive.clean.block import Block
from newsarchive.clean.boilerplate_patterns import PATTERNS, find_pattern, is_credits, is_credits_anywhere

# The widest line that a cue may condemn: legal notices run to about this.
_WIDEST_LINE = 160

_ALL_LINKS, _MOSTLY_LINKS, _SOME_LINKS = 0.9, 0.6, 0.3

_QR_IMAGE = re.compile(
    r"qr[-_]?code|erweima|[/_-]qr[/_.-]|wechat[-_]?(?:qr|code)|weixin[-_]?code|gongzhonghao"
    r'|alt="[^"]*(?:二维码|二維碼|扫码|掃碼|公众号|APP ?下载|客户端)',
    re.IGNORECASE,
)
_CUES_IN_LISTS = frozenset({"related or next", "share, like or comment", "follow us or scan", "licence"})
_PROMISES_LINKS = frozenset({"related or next", "credits"})

# Labels of what used to stand below them, and what once was a button, wherever they are.
_LABEL = re.compile(
    r"[（(【\[]?(?:广告|廣告|広告|AD|advertisement|sponsored(?: content)?"
    r"|(?:请|請)?(?:继续|繼續)往下(?:阅读|閱讀)"
    r"|open in (?:viewer|(?:a )?new tab)|download (?:references|figure|citation|ppt)|view (?:large|in gallery))"
    r"[\s:：.…]*[）)】\]]?$",
    re.IGNORECASE,
)
_PRICE = re.compile(r"(?:^|\D)\d+(?:\.\d+)?\s?元(?:$|[^\w])|[¥￥]\s?\d|(?:到手|包邮|秒杀)")
_TARGET = re.compile(r'<a\b[^>]*?href="([^"]*)"')


def reading_length(text: str) -> int:
    """The length of a line as it is read: a Latin word says as much as two Han characters."""
    return len(text) // 2 if text.isascii() else len(text)


def signal_at_end(block: Block) -> str:
    """The name of the sign that counts at the head or tail of an article, "" when there is none."""
    if block.tag in {"pre", "table"}:
        return ""
    text = block.text
    if block.has_image and len(text) < _WIDEST_LINE and _QR_IMAGE.search(block.html):
        return "QR code"
    if not text or reading_length(text) > _WIDEST_LINE:
        return ""
    if block.tag in {"ul", "ol"}:
        return _list_signal(block)
    return "credits" if is_credits(text) else find_pattern(text)


def _list_signal(block: Block) -> str:
    pattern = find_pattern(block.text)
    is_promised = pattern != "related or next" or block.link_share > _MOSTLY_LINKS
    return pattern if pattern in _CUES_IN_LISTS and is_promised else ""


def signals_of_run(blocks: Sequence[Block]) -> list[str]:
    """The sign of each block. What is nothing but links below a line that promises such is one of these."""
    signals: list[str] = []
    for block in blocks:
        signal = signal_at_end(block)
        if not signal and block.link_share > _ALL_LINKS and signals and signals[-1] in _PROMISES_LINKS:
            signal = signals[-1]
        signals.append(signal)
    return signals


def signal_anywhere(block: Block) -> str:
    """The name of the sign that counts in the middle of an article too, "" when there is none."""
    text = block.text
    if len(text) > _WIDEST_LINE or block.tag in {"pre", "table"}:
        return ""
    if is_credits_anywhere(text):
        return "credits"
    if _LABEL.match(text):
        return "advertisement"
    return _links_signal(block) if "<a" in block.html else ""


def _links_signal(block: Block) -> str:
    if PATTERNS["related or next"].match(block.text) and block.link_share > _SOME_LINKS:
        return "related link"
    targets = _TARGET.findall(block.html)
    is_paid = bool(targets) and all(map(is_affiliate, targets))
    is_offer = block.link_share > _SOME_LINKS or block.has_image or PATTERNS["advertisement"].search(block.text)
    if (is_paid and is_offer) or (block.link_share > _ALL_LINKS and _PRICE.search(block.text)):
        return "paid links"
    return ""


def is_contentless(block: Block) -> bool:
    """A rule, an image without words, or a line of signs: goes only with what it belongs to."""
    return block.tag == "hr" or not re.search(r"\w", block.text)


def is_player(block: Block) -> bool:
    """The link that stands for a player."""
    return block.text.startswith("▶")
