"""Facts in lines of their own at the head or tail: 原标题, 来源, editors, the address of the original.

Such a line is not text of the article: the fact is kept and the line removed. A byline inside the first sentences is
kept as a fact and stays in the text. Facts that rules name are extracted by `rule_engine`.
"""

from __future__ import annotations

import re

from newsarchive.clean.block import Block
from newsarchive.clean.cleaning_context import CleaningContext

# How many blocks count as the head and the tail of an article.
_HEAD_BLOCKS = 3
_TAIL_BLOCKS = 6

_OPENING_BRACKET, _CLOSING_BRACKET = r"^[（(\[【]?\s*", r"\s*[）)\]】]?$"

_ORIGINAL_TITLE = r"^原(?:文?标题|文?標題|题)\s*[:：\s]\s*(?P<original_title>.{2,150})$"
_EDITOR = (
    _OPENING_BRACKET
    + r"(?i:(?:(?:责任|責任|本文|值班|执行|新媒体|网络)\s*)?(?:编辑|編輯|责编|責編|校对|Editor|Edited by)"
    r"\s*[:：/丨|]?\s*(?P<editor>[^\s。，,）)\]】:：/丨|][^。，,）)\]】:：/丨|]{0,30}?))" + _CLOSING_BRACKET
)
_ORIGIN = (
    _OPENING_BRACKET
    + r"(?:(?:文章|稿件|信息|内容|本文)?(?:来源|來源)(?:于|自)?|Source)\s*[:：]\s*(?P<origin>[^。]{2,60}?)"
    + _CLOSING_BRACKET
)
_ORIGINAL_LINK = re.compile(
    _OPENING_BRACKET + r"(?:"
    r"(?:点击|點擊|查看|阅读|閱讀|访问|瀏覽|浏览|查看更多)?\s*(?:原文|全文|原始)\s*(?:链接|鏈接|連結|地址|网址|出处|連接)?"
    r"|(?:本文|文章)(?:链接|地址|原文)|阅读更多|继续阅读|(?:阅读|閱讀)余下(?:全文|内容)"
    r"|read\s+(?:more|the\s+(?:full|original)\s+\w+)|view\s+original|original\s+(?:link|article|post)|continue\s+reading"
    r")\s*[:：>»→…]*\s*(?:https?://\S+)?" + _CLOSING_BRACKET,
    re.IGNORECASE,
)
_HREF = re.compile(r'<a\b[^>]*?href="(https?://[^"]+)"')
_BARE_ADDRESS = re.compile(r"(https?://[!-~]+)")
_BYLINE = re.compile(
    r"[（(](?:本报|本網|本网|见习|实习|特约|首席)?(?:记者|記者|通讯员|作者)\s*[:：]?\s*(?P<byline>[^）)，。]{2,30})[）)]"
)

_LINE_FACT = re.compile("|".join((_ORIGINAL_TITLE, _EDITOR, _ORIGIN)))
_MAX_LINE_LENGTH = 170  # characters of such a line


def extract_facts_from_lines(blocks: list[Block], context: CleaningContext) -> list[Block]:
    """Return `blocks` without lines that only state a fact; the facts are now in `context`."""
    kept = []
    for index, block in enumerate(blocks):
        is_at_an_end = index < _HEAD_BLOCKS or index >= len(blocks) - _TAIL_BLOCKS
        if is_at_an_end and _extract_fact(block, context):
            continue
        if index < _HEAD_BLOCKS and (match := _BYLINE.search(block.text[:120])):
            context.set_fact(byline=match["byline"].strip())
        kept.append(block)
    return kept


def _extract_fact(block: Block, context: CleaningContext) -> bool:
    """Store the fact that a block states. Return True if it states nothing else and can be removed."""
    text = block.text
    if len(text) > _MAX_LINE_LENGTH or block.has_image or block.tag not in {"p", "h2", "h3", "blockquote"}:
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
