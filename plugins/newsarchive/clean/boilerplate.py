"""What stands around an article: judged by several signs together, from the ends inwards.

At the tail, the longest run of blocks is sought that begins with a sign and is made of signs (cue words, credits, QR
codes, lists of links); few and short are the lines in it that say nothing of the kind. At the head only an unbroken run
of signs goes. In the middle of an article the same words are safe. A picture says nothing by itself: it goes when it
stands behind a line that belongs to one ("scan to follow"), and stays otherwise.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from newsarchive.clean.addresses import is_affiliate
from newsarchive.clean.block import Block
from newsarchive.clean.cues import CUES, EDITOR, find_cue, is_credits
from newsarchive.clean.dom import words_of
from newsarchive.clean.draft import Draft

# The longest line that a cue may condemn: legal notices run to about this.
_LONGEST_LINE = 160

# The longest line without a sign that goes along with signs on both sides of it ("备注姓名和职位").
_LONGEST_COMPANION = 60
_LONGEST_END_MARK = 30
_LONGEST_ABOUT = 400  # what follows "关于某某" is a paragraph

# Of an article's words, and of what is no longer than a flash, this much may go at an end.
_MOST_TEXT = 0.4
_ALL_SIGNS = 1.4  # times that, where every block of a run gives a sign
_FLASH = 60

_TAIL, _HEAD = 14, 3  # blocks that may go at either end

_QR_ADDRESS = re.compile(
    r"qr[-_]?code|erweima|[/_-]qr[/_.-]|wechat[-_]?(?:qr|code)|weixin[-_]?code|gongzhonghao"
    r'|alt="[^"]*(?:二维码|二維碼|扫码|掃碼|公众号|APP ?下载|客户端)',
    re.IGNORECASE,
)
_ABOUT = re.compile(r"^[—–\-*【\s]*(?:关于|關於|about)\s?\S{1,20}(?: \S{1,12}){0,2}[】\s:：]*$", re.IGNORECASE)
_TAKES_PICTURES = frozenset(
    {"follow us or scan", "advertisement", "share, like or comment", "contact", "QR code", "end mark"}
)


def drop_boilerplate(blocks: list[Block], draft: Draft) -> list[Block]:
    """`blocks` without a repeated title, credits, advertisements, and what surrounds the article at either end."""
    blocks = _drop_repeated_title(blocks, draft)
    blocks = _drop_anywhere(blocks, draft)
    blocks = _split_broken_lines(blocks)
    blocks = _drop_trailing_links(blocks, draft)
    blocks = _drop_tail(blocks, draft)
    return _drop_rules_at_ends(_join_lines(_drop_head(blocks, draft)))


def boilerplate_sign(block: Block) -> str:
    """The name of the sign that says a block is none of the article's, "" when none does."""
    text = block.text
    if block.tag in {"pre", "table"}:
        return ""
    if block.has_picture and _QR_ADDRESS.search(block.html) and len(text) < _LONGEST_LINE:
        return "QR code"
    if not text or _width(text) > _LONGEST_LINE:
        return ""
    if block.tag in {"ul", "ol"}:
        sign = find_cue(text)
        return sign if sign in _IN_LISTS and (block.link_share > _MOSTLY_LINKS or sign != "related or next") else ""
    if is_credits(text):
        return "credits"
    return find_cue(text)


def _width(text: str) -> int:
    """The length of a line as it is read: a Latin word says as much as two Han characters."""
    return len(text) if not text.isascii() else len(text) // 2


def _drop_head(blocks: list[Block], draft: Draft) -> list[Block]:
    """Without the unbroken run of signs at the head."""
    allowance = -1.0
    for place, block in enumerate(blocks[:_HEAD]):
        sign = boilerplate_sign(block)
        if not sign or place == len(blocks) - 1:
            return blocks[place:]
        allowance = allowance if allowance >= 0 else _allowance(blocks)
        if len(block.text) > allowance:
            return blocks[place:]
        _account_for(draft, block, sign)
    return blocks[_HEAD:]


def _drop_tail(blocks: list[Block], draft: Draft) -> list[Block]:
    """Without the longest run at the tail that is boilerplate."""
    first = _tail_start(blocks)
    tail = blocks[first:]
    signs = _signs_of(tail)
    allowance = _allowance(blocks) if any(signs) else 0
    for start, sign in enumerate(signs):
        if sign and _is_surrounding(tail[start:], signs[start:], allowance):
            return blocks[: first + start] + _leave_pictures(tail[start:], signs[start:], draft)
    return blocks


def _drop_trailing_links(blocks: list[Block], draft: Draft) -> list[Block]:
    """Without the link that is glued to the last sentences: "……返回首页，查看更多"."""
    first = max(0, len(blocks) - _TAIL)
    return [*blocks[:first], *(_without_trailing_link(block, draft) for block in blocks[first:])]


def _without_trailing_link(block: Block, draft: Draft) -> Block:
    link = _TRAILING_LINK.search(block.inner) if block.tag == "p" and "<a" in block.html else None
    if not link or not find_cue(words := " ".join(words_of(link[1]).split())) or len(words) * 2 > len(block.text):
        return block
    draft.account("line: trailing link", link[0])
    return replace(block, html=f"<p>{block.inner[: link.start()]}</p>")


_TRAILING_LINK = re.compile(r"\s*<a\b[^>]*>((?:(?!<a\b).)*)</a>(?:\s|</?span[^>]*>)*$", re.DOTALL)


def _signs_of(tail: Sequence[Block]) -> list[str]:
    """The sign of each block. What is nothing but links below a line that promises such is one of these."""
    signs: list[str] = []
    for block in tail:
        sign = boilerplate_sign(block)
        if not sign and block.link_share > _ALL_LINKS and signs and signs[-1] in _PROMISES_LINKS:
            sign = signs[-1]
        signs.append(sign)
    return signs


_ALL_LINKS, _MOSTLY_LINKS = 0.9, 0.6
_IN_LISTS = frozenset({"related or next", "share, like or comment", "follow us or scan", "licence"})
_PROMISES_LINKS = frozenset({"related or next", "credits"})


def _tail_start(blocks: Sequence[Block]) -> int:
    """Where a run at the tail can begin at the earliest: behind the last prose, or the last before an end mark."""
    first = max(1, len(blocks) - _TAIL)
    end = next((place for place in range(first, len(blocks)) if _is_end_mark(blocks[place])), len(blocks))
    for place in range(end - 1, first - 1, -1):
        block = blocks[place]
        if len(block.text) > _LONGEST_COMPANION and not _follows_about(blocks, place) and not boilerplate_sign(block):
            return place + 1
    return first


def _follows_about(blocks: Sequence[Block], place: int) -> bool:
    """True for what stands below "关于某某", be it with a picture between."""
    before = next((block for block in reversed(blocks[:place]) if not _says_nothing(block)), None)
    return before is not None and bool(_ABOUT.match(before.text))


def _is_end_mark(block: Block) -> bool:
    return len(block.text) <= _LONGEST_END_MARK and bool(CUES["end mark"].match(block.text))


def _is_surrounding(run: Sequence[Block], signs: Sequence[str], allowance: float) -> bool:
    """True when a run of blocks that begins with a sign is boilerplate as a whole."""
    if sum(_width(block.text) for block in run) > allowance * (_ALL_SIGNS if all(signs) else 1):
        return False
    if signs[0] == "end mark":  # whatever follows it, the article is over
        return True
    silent, about = 0.0, False
    for block, sign in zip(run, signs, strict=True):
        if not sign and _BELONGS.search(block.html):
            return False
        if sign or _says_nothing(block):
            continue
        if _ABOUT.match(block.text) and len(set(signs) - {""}) > 1:
            about = True
            continue
        if len(block.text) > (_LONGEST_ABOUT if about else _LONGEST_COMPANION):
            return False
        # A short line among signs is most likely one of them: "备注姓名", "立减五十".
        silent, about = silent + (0.5 if len(block.text) <= _LONGEST_COMPANION / 2 else 1), False
    return silent <= sum(map(bool, signs))


# A document to read, and the date under a notice, are part of it whatever stands around them.
_BELONGS = re.compile(
    r'href="[^"]+\.(?:pdf|docx?|xlsx?|pptx?|zip|rar|7z|csv)(?:[?#][^"]*)?"|>\s*(?:\d{4}|[二〇零一三四五六七八九]{4})年.{1,4}月.{1,4}日\s*<',
    re.IGNORECASE,
)


def _leave_pictures(run: Sequence[Block], signs: Sequence[str], draft: Draft) -> list[Block]:
    """Of a run that goes, the pictures before any line that belongs to one."""
    left, taking = [], False
    for block, sign in zip(run, signs, strict=True):
        taking = taking or sign in _TAKES_PICTURES
        if _says_nothing(block) and block.has_picture and not taking:
            left.append(block)
        else:
            _account_for(draft, block, sign or "among boilerplate")
    return left


def _allowance(blocks: Sequence[Block]) -> float:
    """How many characters may go at an end. An article of pictures has few words; all of them may be a counter's."""
    words = sum(_width(block.text) for block in blocks)
    return max(words * _MOST_TEXT, _FLASH if any(block.has_picture or _is_player(block) for block in blocks) else 0)


def _is_player(block: Block) -> bool:
    """The link that stands for a player."""
    return block.text.startswith("▶")


def _account_for(draft: Draft, block: Block, why: str) -> None:
    draft.account(f"line: {why}", block.html)
    if why == "credits" and (editor := EDITOR.search(block.text)):
        draft.know(editor=editor[1].strip())


def _says_nothing(block: Block) -> bool:
    """A rule, a picture without words, or a line of signs: goes only with what it belongs to."""
    return block.tag == "hr" or not re.search(r"\w", block.text)


def _drop_repeated_title(blocks: list[Block], draft: Draft) -> list[Block]:
    """The title once more as the first line, unless it is all the words there are."""
    for place, block in enumerate(blocks[:_HEAD]):
        if block.has_picture or _is_player(block):  # a lead picture may stand above it
            continue
        is_sentence = block.text.endswith("。") and not draft.raw.title.endswith(
            "。"
        )  # the title is the first sentence
        if (
            not is_sentence
            and _same(block.text, draft.raw.title)
            and any(other.text for other in blocks if other is not block)
        ):
            draft.account("title repeated", block.html)
            return [*blocks[:place], *blocks[place + 1 :]]
        return blocks
    return blocks


def _same(text: str, title: str) -> bool:
    """Equal but for what the crawler replaced in titles, white space and punctuation."""
    return bool(bare := _bare(title)) and _bare(text) == bare


def _bare(text: str) -> str:
    return re.sub(r"[\W_]+", "", text)


def _drop_anywhere(blocks: list[Block], draft: Draft) -> list[Block]:
    """Without what is nobody's text wherever it stands: lines of credits, and short blocks of paid links."""
    kept = []
    for block in blocks:
        why = _sign_anywhere(block) if len(blocks) > 1 else ""
        if why:
            _account_for(draft, block, why)
        else:
            kept.append(_without_paid_links(block))
    return kept or blocks


def _without_paid_links(block: Block) -> Block:
    """The words of a link that pays somebody stay in a sentence; the link goes."""
    if not is_affiliate(block.html):
        return block
    return replace(block, html=_LINK.sub(lambda link: link[2] if is_affiliate(link[1]) else link[0], block.html))


_LINK = re.compile(r'<a\b[^>]*?href="([^"]*)"[^>]*>(.*?)</a>', re.DOTALL)


def _sign_anywhere(block: Block) -> str:
    text = block.text
    if len(text) > _LONGEST_LINE or block.tag in {"pre", "table"}:
        return ""
    if is_credits(text):
        return "credits"
    if _LABEL_ALONE.match(text):
        return "advertisement"
    if "<a" not in block.html:
        return ""
    if CUES["related or next"].match(text) and block.link_share > 0.5:
        return "related link"
    if block.link_share > _ALL_LINKS and _PRICE.search(text):
        return "paid links"
    targets = re.findall(r'<a\b[^>]*?href="([^"]*)"', block.html)
    paid = bool(targets) and all(map(is_affiliate, targets))
    return (
        "paid links"
        if paid and (block.link_share > 0.3 or block.has_picture or CUES["advertisement"].search(text))
        else ""
    )


def _drop_rules_at_ends(blocks: list[Block]) -> list[Block]:
    """A rule, drawn or written in dashes, parts two things; at an end there is only one."""
    first, last = 0, len(blocks)
    while last > first + 1 and _is_rule(blocks[last - 1]):
        last -= 1
    while first < last - 1 and _is_rule(blocks[first]):
        first += 1
    return blocks[first:last]


def _is_rule(block: Block) -> bool:
    return block.tag == "hr" or (block.tag == "p" and not block.has_picture and bool(_DASHES.match(block.text)))


_DASHES = re.compile(r"[-—–_=*~·•\s]+$")
_LABEL_ALONE = re.compile(
    r"[（(【\[]?(?:广告|廣告|広告|AD|advertisement|sponsored(?: content)?|(?:请|請)?(?:继续|繼續)往下(?:阅读|閱讀))[\s:：.…]*[）)】\]]?$",
    re.IGNORECASE,
)
_PRICE = re.compile(r"(?:^|\D)\d+(?:\.\d+)?\s?元(?:$|[^\w])|[¥￥]\s?\d|(?:到手|包邮|秒杀)")
_LINE_BREAK = re.compile(r"\s*<br\b[^>]*>\s*")


def _split_broken_lines(blocks: list[Block]) -> list[Block]:
    """The first and last paragraph cut at their `<br>`: each line is judged by itself. `_join_lines` undoes it."""
    if not blocks:
        return blocks
    first = _lines_of(blocks[0]) if len(blocks) > 1 else []
    return [*first, *blocks[1:-1], *_lines_of(blocks[-1])]


def _lines_of(block: Block) -> list[Block]:
    if block.tag != "p" or "<br" not in block.html:
        return [block]
    lines = [line for line in _LINE_BREAK.split(block.inner) if line]
    return [Block("p", f"<p>{line}</p>", continues=place > 0) for place, line in enumerate(lines)]


def _join_lines(blocks: list[Block]) -> list[Block]:
    joined: list[Block] = []
    for block in blocks:
        if block.continues and joined and joined[-1].tag == "p":
            joined[-1] = Block("p", f"<p>{joined[-1].inner}<br>{block.inner}</p>", joined[-1].continues)
        else:
            joined.append(block)
    return joined
