"""Boilerplate by class and id: share bars, advertisements, related articles, pay walls, QR codes.

Authors of pages in all languages use much the same names, as Readability's "unlikely candidates" do. A name alone
removes nothing, because `share`, `ad` and `related` also name parts of articles. What the element holds must confirm
the signal, and it may hold only a small part of the text.
"""

# A signal's words, and the pattern that confirms it, are on one line, however long.
# ruff: noqa: E501
from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, lru_cache

from selectolax.lexbor import LexborNode

from newsarchive.clean.boilerplate_patterns import PATTERNS, find_pattern, is_credits
from newsarchive.clean.cleaning_context import CleaningContext
from newsarchive.clean.dom import BLOCK_TAGS, attribute, has, outermost, select

_MAX_ELEMENT_SHARE = 0.3  # share of the article's text; an element that holds more is the article
_MAX_TOTAL_SHARE = 0.6
_MIN_ALLOWANCE = 60  # characters that may go from even the shortest article

_PROSE_LENGTH = 120  # characters outside links; no share bar or list of articles has so many
_LABEL_LENGTH = 40
_NOTICE_LENGTH = 600

_SIGNAL_WORDS = {
    "advertisement": "ad ads adv advert adverts advertisement advertising adsense adsbygoogle adbox adslot adunit dfp gg guanggao"
    " sponsor sponsors sponsored promo promos promotion promoted commercial taboola outbrain banner affiliate merchandise",
    "shop card": "card gamebox ask goods product buy shop price mall purchase",
    "share bar": "share shares sharing sharebar sharebox sharedaddy sharethis shareto social socials sns addthis addtoany jiathis bdshare"
    " bdsharebuttonbox",
    "related articles": "further related relatedposts relevant recommend recommends recommended recommendation recommendations relate yarpp"
    " xgyd xgnews xiangguan tuijian kanren readmore hotnews morenews seealso reco rec",
    "QR code": "qr qrcode qrcodes ewm erweima wxcode wxqr weixin",
    "subscription offer": "newsletter newsletters subscribe subscription subscriptions signup paywall chargewall regwall microtransaction"
    " membership member vip login register piano podcast",
    "pagination": "pagination pager paging pagebar pagenav pagelink pages page breadcrumb breadcrumbs crumbs prevnext navigation nav navlinks"
    " prev previous next skip",
    "like and view counters": "like likes zan dianzan digg vote votes thumbs praise favorite favorites favor collect reward rewards dashang donate appreciate"
    " views hits stats supports meta info",
    "legal notice": "copyright copyrights license licence statement disclaimer shengming mianze banquan declare declaration notice"
    " source",
    "tag list": "tag tags taglist keyword keywords tagsblock",
    "buttons": "toolbar toolbox copy copybtn copycode clipboard hide toggle enlarge zoom fullscreen btn button tool tools expand",
    "app offer": "app apps download openapp client",
    "screen reader text": "visuallyhidden sronly screenreader screenreadertext",
    "comments": "comment comments respond disqus reply replies",
    "table of contents": "toc lwptoc mulu catalog catalogue contents",
    "player fallback": "video player placeholder embed fallback",
    "feed links": "feedflare feedburner",
    "signature": "signature sign sig",
    "icon": "ico icon icons logo avatar arrow",
}
SIGNALS = frozenset(_SIGNAL_WORDS)
_SIGNAL_OF_WORD = {word: signal for signal, words in _SIGNAL_WORDS.items() for word in words.split()}
# Names written as two words as often as one.
_TWO_WORD_NAME = re.compile(r"(visually|sr|screen)[-_]?(hidden|only|reader)", re.IGNORECASE)
_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")

_SHARE_TEXT = re.compile(
    r"分享|转发|轉發|微信|微博|朋友圈|空间|豆瓣|复制链接|シェア|ツイート|はてな|share|tweet|twitter|facebook|linkedin|reddit|email|print|打印|whatsapp|line",
    re.IGNORECASE,
)
_SUBSCRIPTION_TEXT = re.compile(
    r"订阅|訂閱|订购|会员|會員|登录|登入|登陆|注册|付费|阅读全文|有料|購読|登録|続き|subscri|sign[ -]?(?:up|in)|newsletter|inbox|member|log ?in|register",
    re.IGNORECASE,
)
_PLAYER_FALLBACK = re.compile(
    r"javascript|html5|browser|flash|浏览器|瀏覽器|ブラウザ|不支持|正在加载|加载中|loading", re.IGNORECASE
)
_TAGS_LABEL = re.compile(
    r"^(?:标签|標籤|关键词|關鍵字|关键字|タグ|キーワード|tags?|keywords|topics?|filed under)\b", re.IGNORECASE
)
_APP_OFFER = re.compile(
    r"(?:下载|下載|打开|打開|download|get|open|install)[^。.]{0,20}(?:app|客户端|客戶端|アプリ|新闻)", re.IGNORECASE
)
_CONTENTS_LABEL = re.compile(
    r"^(?:文章)?(?:目录|目錄|目次|本文目录|导航|contents?|table of contents|in this article)", re.IGNORECASE
)


_BUTTON_TEXT = re.compile(
    r"^(?:复制(?:代码)?|複製|copy(?: code)?|展开|展開|收起|隐藏代码|expand|collapse|enlarge|(?:hide|toggle) caption|view (?:raw|plain)|print|\?|关闭|close|打印|举报|回复|收藏|纠错|\s)+$",
    re.IGNORECASE,
)


_IMAGE_FILE = re.compile(r"\.(?:jpe?g|png|gif|webp)(?:\?|$)", re.IGNORECASE)


@dataclass(frozen=True)
class ElementContent:
    """What an element holds, as far as it confirms or refutes the signal of its name."""

    node: LexborNode

    @cached_property
    def text(self) -> str:
        """Return its text, with white space folded."""
        return " ".join(self.node.text().split())

    @cached_property
    def unlinked_length(self) -> int:
        """Return the number of characters outside links."""
        return len(self.text) - sum(len(" ".join(link.text().split())) for link in select(self.node, "a"))

    @cached_property
    def has_link(self) -> bool:
        """Return True if it is a link or contains one."""
        return self.node.tag == "a" or has(self.node, "a")

    @cached_property
    def has_outgoing_link(self) -> bool:
        """Return True if it has a link to something other than a larger image."""
        links = [self.node] if self.node.tag == "a" else select(self.node, "a")
        return any(not _IMAGE_FILE.search(attribute(link, "href")) for link in links)

    @cached_property
    def has_image(self) -> bool:
        """Return True if it is an image or contains one."""
        return self.node.tag == "img" or has(self.node, "img")

    @cached_property
    def alt(self) -> str:
        """Return the alt text of its first image."""
        return next((attribute(image, "alt") for image in select(self.node, "img")), "")

    @cached_property
    def is_inline(self) -> bool:
        """Return True for an inline element with text next to it: part of a sentence."""
        if self.node.tag in BLOCK_TAGS or self.node.tag == "section":
            return False
        neighbours = (self.node.prev, self.node.next)
        return any(node is not None and node.is_text_node and node.text(strip=True) for node in neighbours)

    @property
    def is_label(self) -> bool:
        """Return True for a few words."""
        return len(self.text) <= _LABEL_LENGTH

    @property
    def is_links(self) -> bool:
        """Return True for links and little else."""
        return (
            self.has_link
            and self.unlinked_length <= max(_LABEL_LENGTH, len(self.text) // 3)
            and self.unlinked_length < _PROSE_LENGTH
        )

    @cached_property
    def pattern(self) -> str:
        """Return the boilerplate pattern that its text matches, or "credits", or ""."""
        if len(self.text) > _NOTICE_LENGTH:
            return ""
        return "credits" if is_credits(self.text[:_PROSE_LENGTH]) else find_pattern(self.text)


_SELLING_PATTERNS = frozenset({"advertisement", "follow us or scan", "paywall"})

# What an element must hold to confirm each signal.
_CONFIRMATIONS: dict[str, Callable[[ElementContent], bool]] = {
    "advertisement": lambda content: (
        content.unlinked_length < _PROSE_LENGTH
        and (
            content.has_outgoing_link
            or content.pattern in _SELLING_PATTERNS
            or bool(PATTERNS["advertisement"].search(content.text[:_LABEL_LENGTH]))
        )
    ),
    "shop card": lambda content: (
        content.has_link
        and len(content.text) < _PROSE_LENGTH
        and re.search(
            r"[¥￥$€]\s?\d|\d\s?元|购买|購買|下单|buy now|最低价|预约试驾|询价|指导价|点评|评分|人气", content.text
        )
        is not None
    ),
    "share bar": lambda content: (
        (content.is_label or content.is_links)
        and (bool(_SHARE_TEXT.search(content.text)) if content.text else not content.has_image)
    ),
    "related articles": lambda content: content.is_links,
    "QR code": lambda content: (
        content.unlinked_length < _PROSE_LENGTH / 2 and (content.has_image or content.pattern == "follow us or scan")
    ),
    "subscription offer": lambda content: (
        content.unlinked_length < 2 * _PROSE_LENGTH and bool(_SUBSCRIPTION_TEXT.search(content.text))
    ),
    "pagination": lambda content: (
        content.is_links
        and re.search(
            r"[上下前后後次][一1]?[页頁篇条條]|页|\b(?:prev|next|skip|page)|^[\d\s.…<>«»]+$|跳过|[›>»/]",
            content.text,
            re.IGNORECASE,
        )
        is not None
    ),
    "like and view counters": lambda content: (
        len(content.text) < _PROSE_LENGTH and content.pattern == "share, like or comment"
    ),
    "legal notice": lambda content: (
        content.pattern in {"licence", "disclaimer", "credits"} and content.unlinked_length < _NOTICE_LENGTH
    ),
    "tag list": lambda content: (
        content.is_links and bool(_TAGS_LABEL.match(content.text) or content.unlinked_length <= 6)
    ),
    "buttons": lambda content: content.is_label and bool(_BUTTON_TEXT.match(content.text or content.alt)),
    "app offer": lambda content: (
        content.unlinked_length < _PROSE_LENGTH
        and bool(_APP_OFFER.search(content.text))
        and (content.has_link or content.is_label)
    ),
    "screen reader text": lambda content: len(content.text) < _PROSE_LENGTH,
    "comments": lambda content: (
        content.is_links or content.pattern in {"share, like or comment", "licence", "disclaimer"}
    ),
    "table of contents": lambda content: bool(_CONTENTS_LABEL.match(content.text)),
    "player fallback": lambda content: (
        len(content.text) < 2 * _PROSE_LENGTH and bool(_PLAYER_FALLBACK.search(content.text))
    ),
    "feed links": lambda content: content.unlinked_length < _LABEL_LENGTH,
    "signature": lambda content: (content.has_link or content.has_image) and len(content.text) < 2 * _PROSE_LENGTH,
    "icon": lambda content: not content.text and content.has_image,
}


_NAMING_ATTRIBUTES = ("class", "id", "aria-labelledby", "aria-label")
_INLINE_SIGNALS = frozenset({"screen reader text", "buttons"})


def drop_by_class_or_id(context: CleaningContext) -> None:
    """Remove elements whose class, id or label names boilerplate, if what they hold confirms it.

    Each may hold 30 % of the text, and all together 60 %, or 60 characters of a very short article.
    """
    found = []
    for node in select(context.body, "[class], [id], [aria-labelledby], [aria-label]"):
        attributes = node.attributes
        signals = _signals_in(" ".join(value for name in _NAMING_ATTRIBUTES if (value := attributes.get(name))))
        if not signals:
            continue
        content = ElementContent(node)
        for signal in signals:
            if _CONFIRMATIONS[signal](content) and (signal in _INLINE_SIGNALS or not content.is_inline):
                found.append((node, signal, content))
                break
    if not found:
        return
    text_length = len("".join(context.body.text().split()))
    candidates = [
        (node, signal, content)
        for node, signal, content in found
        if len(content.text) <= max(_MIN_ALLOWANCE, text_length * _MAX_ELEMENT_SHARE)
    ]
    outermost_ids = {node.mem_id for node in outermost(node for node, _, _ in candidates)}
    allowance = max(_MIN_ALLOWANCE, text_length * _MAX_TOTAL_SHARE)
    for node, signal, content in candidates:
        if node.mem_id in outermost_ids and len(content.text) <= allowance:
            allowance -= len(content.text)
            context.remove([node], f"class or id: {signal}")


@lru_cache(maxsize=4096)
def _signals_in(names: str) -> tuple[str, ...]:
    """Return the signals of the words in a class or id, each once.

    >>> _signals_in("js-shareBar related_posts")
    ('share bar', 'related articles')
    """
    names = _TWO_WORD_NAME.sub(lambda name: (name[1] + name[2]).lower(), names)
    words = [word.lower() for word in _WORD.findall(names)]
    return tuple(dict.fromkeys(_SIGNAL_OF_WORD[word] for word in words if word in _SIGNAL_OF_WORD))
