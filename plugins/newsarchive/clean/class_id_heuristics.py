"""What an element's class or id says of it: share bars, advertisements, related articles, pay walls, QR codes.

Names are what page makers call things, in every language's pages much the same. A name alone decides nothing, because
`share`, `ad` and `related` also name parts of articles: what the element holds has to bear it out, and it may hold only
a small part of the words.
"""

# The names of a sign, and the words that bear it out, are one line, however long.
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

_MOST_TEXT = 0.3  # of the article's words; an element that holds more is the article
_MOST_IN_ALL = 0.6
_FLASH = 60  # so many characters may go from the shortest article

_PROSE = 120  # characters outside links that no share bar and no list of articles holds
_LABEL = 40
_NOTICE = 600

_NAMES = {
    "advertisement": "ad ads adv advert adverts advertisement advertising adsense adsbygoogle adbox adslot adunit dfp gg guanggao"
    " sponsor sponsors sponsored promo promos promotion promoted commercial taboola outbrain banner affiliate merchandise",
    "shop card": "card gamebox ask goods product buy shop price mall purchase",
    "share bar": "share shares sharing sharebar sharebox sharedaddy sharethis shareto social socials sns addthis addtoany jiathis bdshare"
    " bdsharebuttonbox",
    "related articles": "further related relatedposts relevant recommend recommends recommended recommendation recommendations relate yarpp"
    " xgyd xgnews xiangguan tuijian kanren readmore hotnews morenews seealso reco rec",
    "QR code": "qr qrcode qrcodes ewm erweima wxcode wxqr weixin",
    "offer to subscribe": "newsletter newsletters subscribe subscription subscriptions signup paywall chargewall regwall microtransaction"
    " membership member vip login register piano podcast",
    "pagination": "pagination pager paging pagebar pagenav pagelink pages page breadcrumb breadcrumbs crumbs prevnext navigation nav navlinks"
    " prev previous next skip",
    "counters": "like likes zan dianzan digg vote votes thumbs praise favorite favorites favor collect reward rewards dashang donate appreciate"
    " views hits stats supports meta info",
    "notice": "copyright copyrights license licence statement disclaimer shengming mianze banquan declare declaration notice"
    " source",
    "tags": "tag tags taglist keyword keywords tagsblock",
    "controls": "toolbar toolbox copy copybtn copycode clipboard hide toggle enlarge zoom fullscreen btn button tool tools expand",
    "offer of an app": "app apps download openapp client",
    "words for screen readers": "visuallyhidden sronly screenreader screenreadertext",
    "comments": "comment comments respond disqus reply replies",
    "contents": "toc lwptoc mulu catalog catalogue contents",
    "video without a player": "video player placeholder embed fallback",
    "feed's own links": "feedflare feedburner",
    "signature": "signature sign sig",
    "icon": "ico icon icons logo avatar arrow",
}
SIGNALS = frozenset(_NAMES)
_MEANING = {word: signal for signal, words in _NAMES.items() for word in words.split()}
# Written as two words as often as one.
_COMPOUND = re.compile(r"(visually|sr|screen)[-_]?(hidden|only|reader)", re.IGNORECASE)
_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")

_SHARING = re.compile(
    r"分享|转发|轉發|微信|微博|朋友圈|空间|豆瓣|复制链接|シェア|ツイート|はてな|share|tweet|twitter|facebook|linkedin|reddit|email|print|打印|whatsapp|line",
    re.IGNORECASE,
)
_SUBSCRIBING = re.compile(
    r"订阅|訂閱|订购|会员|會員|登录|登入|登陆|注册|付费|阅读全文|有料|購読|登録|続き|subscri|sign[ -]?(?:up|in)|newsletter|inbox|member|log ?in|register",
    re.IGNORECASE,
)
_PLAYERLESS = re.compile(
    r"javascript|html5|browser|flash|浏览器|瀏覽器|ブラウザ|不支持|正在加载|加载中|loading", re.IGNORECASE
)
_TAGGING = re.compile(
    r"^(?:标签|標籤|关键词|關鍵字|关键字|タグ|キーワード|tags?|keywords|topics?|filed under)\b", re.IGNORECASE
)
_APP = re.compile(
    r"(?:下载|下載|打开|打開|download|get|open|install)[^。.]{0,20}(?:app|客户端|客戶端|アプリ|新闻)", re.IGNORECASE
)
_CONTENTS = re.compile(
    r"^(?:文章)?(?:目录|目錄|目次|本文目录|导航|contents?|table of contents|in this article)", re.IGNORECASE
)


_CONTROL = re.compile(
    r"^(?:复制(?:代码)?|複製|copy(?: code)?|展开|展開|收起|隐藏代码|expand|collapse|enlarge|(?:hide|toggle) caption|view (?:raw|plain)|print|\?|关闭|close|打印|举报|回复|收藏|纠错|\s)+$",
    re.IGNORECASE,
)


_IMAGE_FILE = re.compile(r"\.(?:jpe?g|png|gif|webp)(?:\?|$)", re.IGNORECASE)


@dataclass(frozen=True)
class ElementContent:
    """What an element holds, as far as its name can be judged by it."""

    node: LexborNode

    @cached_property
    def text(self) -> str:
        """Its words, white space folded."""
        return " ".join(self.node.text().split())

    @cached_property
    def unlinked(self) -> int:
        """How many characters stand outside links."""
        return len(self.text) - sum(len(" ".join(link.text().split())) for link in select(self.node, "a"))

    @cached_property
    def has_link(self) -> bool:
        """True when it leads somewhere."""
        return self.node.tag == "a" or has(self.node, "a")

    @cached_property
    def leads_away(self) -> bool:
        """True when a link in it leads to more than a larger image."""
        links = [self.node] if self.node.tag == "a" else select(self.node, "a")
        return any(not _IMAGE_FILE.search(attribute(link, "href")) for link in links)

    @cached_property
    def has_image(self) -> bool:
        """True when there is an image in it, or it is one."""
        return self.node.tag == "img" or has(self.node, "img")

    @cached_property
    def alt(self) -> str:
        """What stands for its first image."""
        return next((attribute(image, "alt") for image in select(self.node, "img")), "")

    @cached_property
    def is_in_a_line(self) -> bool:
        """True for a part of a sentence."""
        if self.node.tag in BLOCK_TAGS or self.node.tag == "section":
            return False
        beside = (self.node.prev, self.node.next)
        return any(node is not None and node.is_text_node and node.text(strip=True) for node in beside)

    @property
    def is_label(self) -> bool:
        """A few words."""
        return len(self.text) <= _LABEL

    @property
    def is_links(self) -> bool:
        """Links and little else."""
        return self.has_link and self.unlinked <= max(_LABEL, len(self.text) // 3) and self.unlinked < _PROSE

    @cached_property
    def pattern(self) -> str:
        """The cue that its words give."""
        if len(self.text) > _NOTICE:
            return ""
        return "credits" if is_credits(self.text[:_PROSE]) else find_pattern(self.text)


_OFFERS = frozenset({"advertisement", "follow us or scan", "paywall"})

# What has to bear each name out.
_TESTS: dict[str, Callable[[ElementContent], bool]] = {
    "advertisement": lambda held: (
        held.unlinked < _PROSE
        and (held.leads_away or held.pattern in _OFFERS or bool(PATTERNS["advertisement"].search(held.text[:_LABEL])))
    ),
    "shop card": lambda held: (
        held.has_link
        and len(held.text) < _PROSE
        and re.search(
            r"[¥￥$€]\s?\d|\d\s?元|购买|購買|下单|buy now|最低价|预约试驾|询价|指导价|点评|评分|人气", held.text
        )
        is not None
    ),
    "share bar": lambda held: (
        (held.is_label or held.is_links) and (bool(_SHARING.search(held.text)) if held.text else not held.has_image)
    ),
    "related articles": lambda held: held.is_links,
    "QR code": lambda held: held.unlinked < _PROSE / 2 and (held.has_image or held.pattern == "follow us or scan"),
    "offer to subscribe": lambda held: held.unlinked < 2 * _PROSE and bool(_SUBSCRIBING.search(held.text)),
    "pagination": lambda held: (
        held.is_links
        and re.search(
            r"[上下前后後次][一1]?[页頁篇条條]|页|\b(?:prev|next|skip|page)|^[\d\s.…<>«»]+$|跳过|[›>»/]",
            held.text,
            re.IGNORECASE,
        )
        is not None
    ),
    "counters": lambda held: len(held.text) < _PROSE and held.pattern == "share, like or comment",
    "notice": lambda held: held.pattern in {"licence", "disclaimer", "credits"} and held.unlinked < _NOTICE,
    "tags": lambda held: held.is_links and bool(_TAGGING.match(held.text) or held.unlinked <= 6),
    "controls": lambda held: held.is_label and bool(_CONTROL.match(held.text or held.alt)),
    "offer of an app": lambda held: (
        held.unlinked < _PROSE and bool(_APP.search(held.text)) and (held.has_link or held.is_label)
    ),
    "words for screen readers": lambda held: len(held.text) < _PROSE,
    "comments": lambda held: held.is_links or held.pattern in {"share, like or comment", "licence", "disclaimer"},
    "contents": lambda held: bool(_CONTENTS.match(held.text)),
    "video without a player": lambda held: len(held.text) < 2 * _PROSE and bool(_PLAYERLESS.search(held.text)),
    "feed's own links": lambda held: held.unlinked < _LABEL,
    "signature": lambda held: (held.has_link or held.has_image) and len(held.text) < 2 * _PROSE,
    "icon": lambda held: not held.text and held.has_image,
}


_SAYING = ("class", "id", "aria-labelledby", "aria-label")
_INSIDE_LINES = frozenset({"words for screen readers", "controls"})


def drop_by_class_or_id(context: CleaningContext) -> None:
    """Remove what its name says stands beside the article, and what it holds bears that out."""
    found = []
    for node in select(context.body, "[class], [id], [aria-labelledby], [aria-label]"):
        given = node.attributes
        signals = _signals_in(" ".join(value for name in _SAYING if (value := given.get(name))))
        if not signals:
            continue
        held = ElementContent(node)
        for signal in signals:
            if _TESTS[signal](held) and (signal in _INSIDE_LINES or not held.is_in_a_line):
                found.append((node, signal, held))
                break
    if not found:
        return
    words = len("".join(context.body.text().split()))
    small = [(node, signal, held) for node, signal, held in found if len(held.text) <= max(_FLASH, words * _MOST_TEXT)]
    outer = {node.mem_id for node in outermost(node for node, _, _ in small)}
    allowance = max(_FLASH, words * _MOST_IN_ALL)
    for node, signal, held in small:
        if node.mem_id in outer and len(held.text) <= allowance:
            allowance -= len(held.text)
            context.remove([node], f"named: {signal}")


@lru_cache(maxsize=4096)
def _signals_in(names: str) -> tuple[str, ...]:
    """The signs that the words of a class and id give, without repetition."""
    names = _COMPOUND.sub(lambda name: (name[1] + name[2]).lower(), names)
    words = [word.lower() for word in _WORD.findall(names)]
    return tuple(dict.fromkeys(_MEANING[word] for word in words if word in _MEANING))
