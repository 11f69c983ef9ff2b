"""Block segmentation: turn a tree of any nesting into a flat list of blocks in plain, minimal HTML.

Paragraphs come from `<p>`, from bare text, and from runs of `<br>`. Wrappers dissolve. A short paragraph that is bold
from end to end becomes a sub-heading; a table that only lays out the article dissolves too. Markup inside a paragraph
is kept as it is: the allowlist removes attributes and unknown elements later. Nothing here judges whether a block is
boilerplate.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import replace

from selectolax.lexbor import LexborNode

from newsarchive.clean.block import Block
from newsarchive.clean.captions import caption_images, caption_signal
from newsarchive.clean.cleaning_context import CleaningContext
from newsarchive.clean.code import render_code_block
from newsarchive.clean.dom import BLOCK_TAGS, attribute, children, has, select
from newsarchive.models import IN_TAG, TAG

_DROPPED_IF_EMPTY = frozenset(["figcaption", "caption", "summary"])

# Kept as one block each; every other block element is a wrapper and dissolves.
_KEPT_WHOLE = frozenset("ul ol dl table pre listing blockquote figure details h1 h2 h3 h4 h5 h6 hr".split())
_HEADINGS = frozenset(["h1", "h2", "h3", "h4", "h5", "h6"])
_SEGMENTED_CHILDREN = frozenset(
    ["li", "dd", "dt", "td", "th", "blockquote", "figcaption", "caption", "summary", "details", "figure"]
)
_INLINE_MEDIA = re.compile(r"<(?:img|br|hr)\b")

_WHITE_SPACE = r"(?:[\s　\u2000-\u200b\u200d\u2060\ufeff]|&nbsp;|&ensp;|&emsp;|&thinsp;)"
_WHITE_CHARACTERS = " \t\n\u3000\u2002\u2003\u2009\u200b\u200d\u2060\ufeff"
# Both patterns start with a rare character, which `re` finds fast; `_tidy` removes the white space before it.
_PARAGRAPH_BREAK = re.compile(
    rf"<br\b[^>]*>(?:{_WHITE_SPACE}*<br\b[^>]*>)+{_WHITE_SPACE}*|<br\b[^>]*>(?=　|&emsp;|(?:&nbsp;){{2}})"
)
_LEADING_WHITE_SPACE = re.compile(rf"^((?:(?!<(?:img|br)\b)(?:{TAG.pattern}))*)(?:{_WHITE_SPACE}|<br\b[^>]*>)+")
_WHITE_ENTITIES = ("&nbsp;", "&ensp;", "&emsp;", "&thinsp;")
_EMPTY_INLINE = re.compile(r"<(b|strong|i|em|u|s|font|span|a|sup|sub|small|big|mark|ins|code)\b[^>]*>\s*</\1>")

# Headlines do not end in a full stop; a longer bold paragraph is an emphasised sentence.
_MAX_SUBHEADING = 60
_INLINE_WRAPPERS = rf"(?:</?(?:span|font|a)\b[^>]*>|{_WHITE_SPACE})*"
_BOLD = re.compile(r"<(?:b|strong)\b")
_ALL_BOLD = re.compile(rf"^{_INLINE_WRAPPERS}<(b|strong|h[1-6])\b[^>]*>(.*)</\1>{_INLINE_WRAPPERS}$", re.DOTALL)
_SENTENCE_END = tuple("。！？；，,;.…!:")  # the ASCII colon ends a label: "Director:"
_CLOSING_QUOTES = "）)」』】”’\"'"


def cut_into_blocks(context: CleaningContext) -> list[Block]:
    """Return the blocks of the article in reading order, without empty ones."""
    for link in select(context.body, "a[href]:has(p, div)"):
        if _is_teaser(link):
            context.set_fact(original_url=attribute(link, "href"))
    blocks = _blocks_inside(context.body)
    # Nothing follows the last block, so it is no heading.
    return list(caption_images([*(_promote_bold(block) for block in blocks[:-1]), *blocks[-1:]]))


def _blocks_inside(container: LexborNode) -> list[Block]:
    """Return the blocks below `container`.

    Each run of text and inline elements between block elements becomes one or more paragraphs.
    """
    blocks: list[Block] = []
    inline: list[str] = []
    for node in children(container):
        tag = node.tag or ""
        if tag == _TEXT_NODE:
            if inline or not (node.text_content or "").isspace():
                inline.append(node.html or "")
        elif not _holds_blocks(node, tag) and not (tag == "a" and _is_teaser(node)):
            markup = _replace_blocks_by_breaks(node) if tag == "a" else node.html or ""
            inline.append(_set_apart(markup) if "<img" in markup and not _is_inline_image(node) else markup)
        else:
            if inline:
                blocks += _paragraphs("".join(inline))
                inline = []
            blocks += _blocks_of(node, tag)
    return blocks + _paragraphs("".join(inline)) if inline else blocks


_TEXT_NODE = "-text"  # lexbor's tag for a text node


def _is_teaser(link: LexborNode) -> bool:
    """Return True for a link around whole paragraphs.

    It leads to the original of the article, so it is no link in the text.
    """
    return has(link, "p, div") and len(link.text()) > _MAX_LINK_LENGTH


_MAX_LINK_LENGTH = 100


def _replace_blocks_by_breaks(link: LexborNode) -> str:
    """Return the HTML of a link, with the tags of blocks inside it replaced by line breaks."""
    markup = link.html or ""
    return _BLOCK_TAG.sub("<br>", markup) if _BLOCK_TAG.search(markup) else markup


_BLOCK_TAG = re.compile(rf"</?(?:{'|'.join(sorted(BLOCK_TAGS))})\b{IN_TAG}>")


def _set_apart(markup: str) -> str:
    """Return markup between paragraph breaks."""
    return f"<br><br>{markup}<br><br>"


def _is_inline_image(node: LexborNode) -> bool:
    """Return True for an image within a sentence, such as a formula.

    An image at the start or end of a line, or after a sentence, is a paragraph of its own.
    """
    if node.text(strip=True):
        return True
    before, after = _text_beside(node, forward=False), _text_beside(node, forward=True)
    return bool(before and after) and not before.endswith(_SENTENCE_END)


def _text_beside(node: LexborNode, *, forward: bool) -> str:
    """Return the text next to a node on one side, up to the next break, image or block."""
    other = node.next if forward else node.prev
    while other is not None and (tag := other.tag or "") not in {"br", "img"} and not _holds_blocks(other, tag):
        if text := other.text().strip(_WHITE_CHARACTERS + "\r\xa0"):
            return text
        other = other.next if forward else other.prev
    return ""


def _holds_blocks(node: LexborNode, tag: str) -> bool:
    """Return True for a block element, and for an inline element that contains one, against HTML's content model.

    A link always counts as inline.
    """
    if tag in BLOCK_TAGS:
        return True
    if not node.is_element_node or (tag == "a" and "href" in node.attributes) or node.first_child is None:
        return False
    return any(inner.tag in BLOCK_TAGS for inner in node.traverse() if inner.mem_id != node.mem_id)


def _blocks_of(node: LexborNode, tag: str) -> list[Block]:
    """Return the blocks that one element becomes."""
    blocks: list[Block] = []
    if tag == "p":
        blocks = _mark_as_caption(_paragraph_blocks(node), caption_signal(node))
    elif tag == "table" and _is_layout_table(node):
        blocks = [block for cell in _cells_of(node) for block in _blocks_inside(cell)]
    elif tag in {"pre", "listing"}:
        if has(node, "p, section, article"):  # indented prose, not code
            blocks = _prose_of(node)
        elif node.text(strip=True):
            blocks = [Block("pre", render_code_block(node))]
    elif tag == "hr":
        blocks = [Block("hr", "<hr>")]
    elif tag == "summary":
        blocks = [Block(tag, f"<summary>{_cell_content(node)}</summary>")]
    elif tag in _HEADINGS and (
        not node.text(strip=True)
        or any(inner.tag in BLOCK_TAGS for inner in select(node, "*") if inner.mem_id != node.mem_id)
    ):
        blocks = _blocks_inside(node)  # a heading holds no blocks, and not only an image
    elif tag in _KEPT_WHOLE:
        blocks = _kept_block(node, tag)
    else:
        blocks = _mark_as_caption(_blocks_inside(node), caption_signal(node))
    return blocks


def _mark_as_caption(blocks: list[Block], signal: str) -> list[Block]:
    """Return `blocks` with the signal that they may be a caption."""
    return [replace(block, caption=signal) for block in blocks] if signal else blocks


def _paragraph_blocks(node: LexborNode) -> list[Block]:
    """Return the blocks of a `<p>`.

    Only images and block elements make it necessary to walk the tree; the markup of other paragraphs is used as it is.
    """
    markup = node.inner_html or ""
    if "<" in markup and not _SEPARATE_ELEMENTS.isdisjoint(_OPENING_TAG.findall(markup)):
        return _blocks_inside(node)
    return _paragraphs(markup)


_SEPARATE_ELEMENTS = BLOCK_TAGS | {"img"}
_OPENING_TAG = re.compile(r"<([a-z][^\s/>]*)")


def _kept_block(node: LexborNode, tag: str) -> list[Block]:
    """Return an element that is kept as one block, or nothing if it shows nothing."""
    markup = _heading_content(node) if tag in _HEADINGS else _segment_children(node)
    if TAG.sub("", markup).replace("&nbsp;", "").strip(" \n\t\u3000\u200b") or "<img" in markup:
        start = attribute(node, "start")
        opening = f'{tag} start="{html.escape(start)}"' if tag == "ol" and start else tag
        return [Block(tag, f"<{opening}>{markup}</{tag}>")]
    return []


def _heading_content(node: LexborNode) -> str:
    """Return the content of a heading, without bold and without an anchor sign that links to the heading itself."""
    return _unwrap_bold(_tidy(_ANCHOR_SIGN.sub("", node.inner_html or "")))


def _unwrap_bold(markup: str) -> str:
    """Return markup without the bold elements that enclose all of it."""
    while (bold := _ALL_BOLD.match(markup)) and f"</{bold[1]}>" not in bold[2]:
        markup = bold[2]
    return markup


_ANCHOR_SIGN = re.compile(
    r"^\s*(?:<(?:a|span)\b[^>]*>)?\s*[#¶§🔗]\s*(?:</(?:a|span)>)\s*|(?:<(?:a|span)\b[^>]*>)?\s*[¶§🔗]\s*(?:</(?:a|span)>)?\s*$"
)


def _segment_children(node: LexborNode) -> str:
    """Return the content of a list, table, quotation or figure, with each item or cell segmented by itself."""
    if node.tag in {"blockquote", "details"}:
        return "".join(block.html for block in _blocks_inside(node))
    parts: list[str] = []
    for child in children(node):
        tag = child.tag or ""
        if tag in _SEGMENTED_CHILDREN:
            inner = _cell_content(child)
            if inner or tag not in _DROPPED_IF_EMPTY:
                parts.append(f"<{tag}{_cell_attributes(child)}>{inner}</{tag}>")
        elif tag in {"thead", "tbody", "tfoot", "tr"}:
            if inner := _segment_children(child):
                parts.append(f"<{tag}>{inner}</{tag}>")
        else:
            blocks = _blocks_of(child, tag) if _holds_blocks(child, tag) else _paragraphs(child.html or "")
            # A figure holds its image, not a paragraph around it.
            parts += [block.inner if node.tag == "figure" and block.tag == "p" else block.html for block in blocks]
    return "".join(parts)


def _cell_content(cell: LexborNode) -> str:
    """Return the content of a cell as HTML; a single paragraph loses its `<p>`."""
    blocks = _blocks_inside(cell)
    if len(blocks) == 1 and blocks[0].tag == "p":
        return blocks[0].inner
    return "".join(block.html for block in blocks)


def _cell_attributes(cell: LexborNode) -> str:
    """Return the attributes that give a cell its columns, rows and scope, as markup."""
    attributes = {name: attribute(cell, name) for name in ("colspan", "rowspan", "scope")}
    return "".join(f' {name}="{html.escape(value)}"' for name, value in attributes.items() if value not in {"", "1"})


def _is_layout_table(table: LexborNode) -> bool:
    """Return True for a table that only lays out an article.

    It has no header cells, and has one cell, one column, or tables, headings or several paragraphs inside its cells.
    """
    if has(table, "th, caption"):
        return False
    rows = [row for row in select(table, "tr") if has(row, "td")]
    cells = list(_cells_of(table))
    return len(cells) <= 1 or len(cells) == len(rows) or has(table, "table table, td h1, td h2, td p ~ p ~ p")


def _cells_of(table: LexborNode) -> Iterator[LexborNode]:
    """Yield the cells of a table, without those of nested tables."""
    for part in children(table):
        if part.tag in {"td", "th", "caption"}:
            yield part
        elif part.tag in {"tbody", "thead", "tfoot", "tr"}:
            yield from _cells_of(part)


def _prose_of(node: LexborNode) -> list[Block]:
    """Return the blocks of prose wrongly put into `<pre>`, where a newline is a line break."""
    blocks: list[Block] = []
    for child in children(node):
        if child.is_text_node:
            blocks += _paragraphs((child.html or "").strip().replace("\n", "<br>"))
        else:
            blocks += _blocks_inside(child)
    return blocks


def _paragraphs(markup: str) -> list[Block]:
    """Return the paragraphs of inline HTML.

    A new one starts at two or more `<br>`, or at a line that begins with an indent.
    """
    if "<br" not in markup:
        tidy = _tidy(markup)
        return [Block("p", f"<p>{tidy}</p>")] if _shows_something(tidy) else []
    parts = map(_tidy, _PARAGRAPH_BREAK.split(markup))
    return [Block("p", f"<p>{tidy}</p>") for tidy in parts if _shows_something(tidy)]


def _shows_something(markup: str) -> bool:
    """Return True if markup has text, an image, or a line break or rule."""
    if "<" not in markup:
        return bool(markup)
    return bool(TAG.sub("", markup).strip() or _INLINE_MEDIA.search(markup))


def _tidy(markup: str) -> str:
    """Return markup without indents, breaks and white space at both ends, and without empty elements."""
    markup = markup.strip()
    if "<" not in markup and "&" not in markup:
        return markup.strip(_WHITE_CHARACTERS)
    previous = ""
    while previous != markup:
        previous = markup
        markup = _EMPTY_INLINE.sub("", markup)
        if leading := _LEADING_WHITE_SPACE.match(markup):
            markup = leading[1] + markup[leading.end() :]
        markup = _strip_trailing_white_space(markup)
    return markup.strip()


def _strip_trailing_white_space(markup: str) -> str:
    """Return markup without breaks and white space before the closing tags at its end.

    No regular expression: it would try a match at every space.
    """
    end = len(markup)
    while markup.endswith(">", 0, end) and markup.startswith("</", start := markup.rfind("<", 0, end)):
        end = start
    text_end = end
    while text_end:
        if markup[text_end - 1].isspace() or markup[text_end - 1] in _WHITE_CHARACTERS:
            text_end -= 1
        elif entity := next((white for white in _WHITE_ENTITIES if markup.endswith(white, 0, text_end)), ""):
            text_end -= len(entity)
        elif markup.endswith(">", 0, text_end) and markup.startswith("<br", start := markup.rfind("<", 0, text_end)):
            text_end = start
        else:
            break
    return markup if text_end == end else markup[:text_end] + markup[end:]


def _promote_bold(block: Block) -> Block:
    """Return a sub-heading for a short paragraph that is bold from end to end and is no sentence."""
    if block.tag != "p" or block.html.find("<", 3, -4) < 0 or not _BOLD.search(block.html):
        return block
    if "<br" in block.html or block.has_image:
        return block
    match = _ALL_BOLD.match(block.inner)
    text = block.text
    if (
        not match
        or f"</{match[1]}>" in match[2]
        or not 1 < len(text) <= _MAX_SUBHEADING
        or text.rstrip(_CLOSING_QUOTES).endswith(_SENTENCE_END)
    ):
        return block
    return Block("h3", f"<h3>{_unwrap_bold(match[2])}</h3>")


def level_headings(blocks: list[Block]) -> list[Block]:
    """Return `blocks` with their heading levels closed up, starting at `<h2>`.

    The page's only `<h1>` is its title. For example: h1 and h4 become h2 and h3.
    """
    levels = {block.tag: "" for block in blocks if block.tag in _HEADINGS}
    for number, tag in enumerate(sorted(levels), 2):
        levels[tag] = f"h{min(number, 6)}"
    return [
        Block(level, f"<{level}>{block.inner}</{level}>") if (level := levels.get(block.tag)) else block
        for block in blocks
    ]
