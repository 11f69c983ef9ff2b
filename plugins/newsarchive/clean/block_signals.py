"""Signals that a block is boilerplate: its words, its links, its images.

A signal is one reason, by name ("credits", "QR code"). `signal_anywhere` condemns a block wherever it is; the signals
of `signal_at_end` only count at the head or tail, where `head_tail` weighs them together.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from newsarchive.clean.addresses import is_affiliate
from newsarchive.clean.block import Block
from newsarchive.clean.boilerplate_patterns import PATTERNS, find_pattern, is_credits, is_credits_anywhere

# Legal notices run to about this length; a longer line is prose, whatever pattern it matches.
_MAX_LINE_LENGTH = 160

_ALL_LINKS, _MOSTLY_LINKS, _SOME_LINKS = 0.9, 0.6, 0.3

_QR_IMAGE = re.compile(
    r"qr[-_]?code|erweima|[/_-]qr[/_.-]|wechat[-_]?(?:qr|code)|weixin[-_]?code|gongzhonghao"
    r'|alt="[^"]*(?:二维码|二維碼|扫码|掃碼|公众号|APP ?下载|客户端)',
    re.IGNORECASE,
)
_PATTERNS_IN_LISTS = frozenset({"related or next", "share, like or comment", "follow us or scan", "licence"})
_ANNOUNCES_LINKS = frozenset({"related or next", "credits"})

# Labels of advertisements that are gone, and captions of former buttons: boilerplate anywhere.
_LABEL = re.compile(
    r"[（(【\[]?(?:广告|廣告|広告|AD|advertisement|sponsored(?: content)?"
    r"|(?:请|請)?(?:继续|繼續)往下(?:阅读|閱讀)"
    r"|open in (?:viewer|(?:a )?new tab)|download (?:references|figure|citation|ppt)|view (?:large|in gallery))"
    r"[\s:：.…]*[）)】\]]?$",
    re.IGNORECASE,
)
_PRICE = re.compile(r"(?:^|\D)\d+(?:\.\d+)?\s?元(?:$|[^\w])|[¥￥]\s?\d|(?:到手|包邮|秒杀)")
_LINK_TARGET = re.compile(r'<a\b[^>]*?href="([^"]*)"')


def reading_length(text: str) -> int:
    """Return the length of a line in units of a Han character.

    A Latin word says as much as two Han characters, so ASCII text counts half.
    """
    return len(text) // 2 if text.isascii() else len(text)


def signal_at_end(block: Block) -> str:
    """Return the signal that counts at the head or tail of an article, "" if the block gives none."""
    if block.tag in {"pre", "table"}:
        return ""
    text = block.text
    if block.has_image and len(text) < _MAX_LINE_LENGTH and _QR_IMAGE.search(block.html):
        return "QR code"
    if not text or reading_length(text) > _MAX_LINE_LENGTH:
        return ""
    if block.tag in {"ul", "ol"}:
        return _list_signal(block)
    return "credits" if is_credits(text) else find_pattern(text)


def _list_signal(block: Block) -> str:
    """Return the signal of a list: only some patterns count in lists, and related articles need links."""
    pattern = find_pattern(block.text)
    is_confirmed = pattern != "related or next" or block.link_share > _MOSTLY_LINKS
    return pattern if pattern in _PATTERNS_IN_LISTS and is_confirmed else ""


def signals_of_run(blocks: Sequence[Block]) -> list[str]:
    """Return the signal of each block in a run.

    A block of nothing but links below a line that announces links ("Related:") has that line's signal.
    """
    signals: list[str] = []
    for block in blocks:
        signal = signal_at_end(block)
        if not signal and block.link_share > _ALL_LINKS and signals and signals[-1] in _ANNOUNCES_LINKS:
            signal = signals[-1]
        signals.append(signal)
    return signals


def signal_anywhere(block: Block) -> str:
    """Return the signal that counts in the middle of an article too, "" if the block gives none."""
    text = block.text
    if len(text) > _MAX_LINE_LENGTH or block.tag in {"pre", "table"}:
        return ""
    if is_credits_anywhere(text):
        return "credits"
    if _LABEL.match(text):
        return "advertisement"
    return _links_signal(block) if "<a" in block.html else ""


def _links_signal(block: Block) -> str:
    """Return the signal that a block's links give: related articles, or affiliate links."""
    if PATTERNS["related or next"].match(block.text) and block.link_share > _SOME_LINKS:
        return "related link"
    targets = _LINK_TARGET.findall(block.html)
    is_paid = bool(targets) and all(map(is_affiliate, targets))
    is_offer = block.link_share > _SOME_LINKS or block.has_image or PATTERNS["advertisement"].search(block.text)
    if (is_paid and is_offer) or (block.link_share > _ALL_LINKS and _PRICE.search(block.text)):
        return "paid links"
    return ""


def is_contentless(block: Block) -> bool:
    """Return True for a separator line, an image without text, or a line of punctuation.

    Such a block has no signal of its own; it follows the blocks around it.
    """
    return block.tag == "hr" or not re.search(r"\w", block.text)


def is_player_link(block: Block) -> bool:
    """Return True for the link that `dom_repair` put in place of a player."""
    return block.text.startswith("▶")
