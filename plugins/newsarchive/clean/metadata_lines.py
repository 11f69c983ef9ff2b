"""Facts that stand in lines of their own at the head or tail: 原标题, 来源, editors, the original's address.

Such a line is no text of the article: the fact is kept and the line goes. A byline inside the first sentence is kept
and stays.
"""

from __future__ import annotations

import re

from newsarchive.clean.block import Block
from newsarchive.clean.cleaning_context import CleaningContext

# How many blocks count as the head and the tail of an article.
HEAD = 3
TAIL = 6

_OPEN, _CLOSE = r"^[（(\[【]?\s*", r"\s*[）)\]】]?$"

_ORIGINAL_TITLE = r"^原(?:文?标题|文?標題|题)\s*[:：\s]\s*(?P<original_title>.{2,150})$"
_EDITOR = (
    _OPEN + r"(?i:(?:(?:责任|責任|本文|值班|执行|新媒体|网络)\s*)?(?:编辑|編輯|责编|責編|校对|Editor|Edited by)"
    r"\s*[:：/丨|]?\s*(?P<editor>[^\s。，,）)\]】:：/丨|][^。，,）)\]】:：/丨|]{0,30}?))" + _CLOSE
)
_ORIGIN = (
    _OPEN
    + r"(?:(?:文章|稿件|信息|内容|本文)?(?:来源|來源)(?:于|自)?|Source)\s*[:：]\s*(?P<origin>[^。]{2,60}?)"
    + _CLOSE
)
_ORIGINAL_LINK = re.compile(
    _OPEN + r"(?:"
    r"(?:点击|點擊|查看|阅读|閱讀|访问|瀏覽|浏览|查看更多)?\s*(?:原文|全文|原始)\s*(?:链接|鏈接|連結|地址|网址|出处|連接)?"
    r"|(?:本文|文章)(?:链接|地址|原文)|阅读更多|继续阅读|(?:阅读|閱讀)余下(?:全文|内容)"
    r"|read\s+(?:more|the\s+(?:full|original)\s+\w+)|view\s+original|original\s+(?:link|article|post)|continue\s+reading"
    r")\s*[:：>»→…]*\s*(?:https?://\S+)?" + _CLOSE,
    re.IGNORECASE,
)
_HREF = re.compile(r'<a\b[^>]*?href="(https?://[^"]+)"')
_BARE_ADDRESS = re.compile(r"(https?://[!-~]+)")
_BYLINE = re.compile(
    r"[（(](?:本报|本網|本网|见习|实习|特约|首席)?(?:记者|記者|通讯员|作者)\s*[:：]?\s*(?P<byline>[^）)，。]{2,30})[）)]"
)

_LINE_FACT = re.compile("|".join((_ORIGINAL_TITLE, _EDITOR, _ORIGIN)))
_LONGEST = 170  # characters of such a line


def extract_facts_from_lines(blocks: list[Block], context: CleaningContext) -> list[Block]:
    """`blocks` without the lines that were only facts; the facts are in the draft."""
    kept = []
    for place, block in enumerate(blocks):
        at_an_end = place < HEAD or place >= len(blocks) - TAIL
        if at_an_end and _take_line(block, context):
            continue
        if place < HEAD and (match := _BYLINE.search(block.text[:120])):
            context.set_fact(byline=match["byline"].strip())
        kept.append(block)
    return kept


def _take_line(block: Block, context: CleaningContext) -> bool:
    """True when the block was nothing but a fact."""
    text = block.text
    if len(text) > _LONGEST or block.has_image or block.tag not in {"p", "h2", "h3", "blockquote"}:
        return False
    if (match := _LINE_FACT.match(text)) and (fact := match.lastgroup):
        context.set_fact(**{fact: match[fact]})
        context.record_removal(f"fact: {fact}", block.html)
        return True
    link = (_HREF.search(block.html) or _BARE_ADDRESS.search(text)) if _ORIGINAL_LINK.match(text) else None
    if link:
        context.set_fact(original_url=link[1].replace("&amp;", "&"))
        context.record_removal("fact: original_url", block.html)
        return True
    return False
