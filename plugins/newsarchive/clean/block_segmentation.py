"""From whatever nesting the source used to a flat list of blocks in plain, minimal HTML.

Paragraphs come from `<p>`, from bare text, and from runs of `<br>`; wrappers dissolve; a paragraph that is nothing but
bold is a sub-heading; a table that holds the article is no table. What stands inside a paragraph is written as it is:
the allowlist drops attributes and unknown elements afterwards.
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
from newsarchive.clean.code import preformatted
from newsarchive.clean.dom import BLOCK_TAGS, attribute, children, has, select
from newsarchive.models import IN_TAG, TAG

_EMPTY_GOES = frozenset(["figcaption", "caption", "summary"])

# Written as one block each; everything else that is a block element is a wrapper and dissolves.
_KEPT_WHOLE = frozenset("ul ol dl table pre listing blockquote figure details h1 h2 h3 h4 h5 h6 hr".split())
_HEADINGS = frozenset(["h1", "h2", "h3", "h4", "h5", "h6"])
_CELLS = frozenset(
    ["li", "dd", "dt", "td", "th", "blockquote", "figcaption", "caption", "summary", "details", "figure"]
)
_INLINE_MEDIA = re.compile(r"<(?:img|br|hr)\b")

_SPACE = r"(?:[\s　\u2000-\u200b\u200d\u2060\ufeff]|&nbsp;|&ensp;|&emsp;|&thinsp;)"
_SPACES = " \t\n\u3000\u2002\u2003\u2009\u200b\u200d\u2060\ufeff"
# They begin with what is rare, which `re` finds fast; the white space before them is for `_tidy`.
_BREAKS = re.compile(rf"<br\b[^>]*>(?:{_SPACE}*<br\b[^>]*>)+{_SPACE}*|<br\b[^>]*>(?=　|&emsp;|(?:&nbsp;){{2}})")
_LEADING = re.compile(rf"^((?:(?!<(?:img|br)\b)(?:{TAG.pattern}))*)(?:{_SPACE}|<br\b[^>]*>)+")
_WHITE_ENTITIES = ("&nbsp;", "&ensp;", "&emsp;", "&thinsp;")
_EMPTY_INLINE = re.compile(r"<(b|strong|i|em|u|s|font|span|a|sup|sub|small|big|mark|ins|code)\b[^>]*>\s*</\1>")

# Headlines do not end in a full stop, and above this length they are emphasised sentences.
_MAX_SUBHEADING = 60
_WRAPPING = rf"(?:</?(?:span|font|a)\b[^>]*>|{_SPACE})*"
_BOLD = re.compile(r"<(?:b|strong)\b")
_ALL_BOLD = re.compile(rf"^{_WRAPPING}<(b|strong|h[1-6])\b[^>]*>(.*)</\1>{_WRAPPING}$", re.DOTALL)
_SENTENCE_END = tuple("。！？；，,;.…!:")  # a colon of Latin script ends a label: "Director:"
_CLOSING = "）)」』】”’\"'"


def cut_into_blocks(context: CleaningContext) -> list[Block]:
    """The blocks of the article in reading order, empty ones gone."""
    for link in select(context.body, "a[href]:has(p, div)"):
        if _is_teaser(link):
            context.set_fact(original_url=attribute(link, "href"))
    blocks = _flow(context.body)
    # The last block heads nothing.
    return list(caption_images([*(_promote_bold(block) for block in blocks[:-1]), *blocks[-1:]]))


def _flow(container: LexborNode) -> list[Block]:
    """Blocks below `container`; runs of text and inline elements between them become paragraphs."""
    blocks: list[Block] = []
    inline: list[str] = []
    for node in children(container):
        tag = node.tag or ""
        if tag == _TEXT:
            if inline or not (node.text_content or "").isspace():
                inline.append(node.html or "")
        elif not _holds_blocks(node, tag) and not (tag == "a" and _is_teaser(node)):
            markup = _without_blocks(node) if tag == "a" else node.html or ""
            inline.append(_set_apart(markup) if "<img" in markup and not _is_in_the_line(node) else markup)
        else:
            if inline:
                blocks += _paragraphs("".join(inline))
                inline = []
            blocks += _blocks_of(node, tag)
    return blocks + _paragraphs("".join(inline)) if inline else blocks


_TEXT = "-text"  # the tag that lexbor gives a text


def _is_teaser(link: LexborNode) -> bool:
    """A link around whole paragraphs leads to the original; it is no link of the text."""
    return has(link, "p, div") and len(link.text()) > _LONGEST_LINK


_LONGEST_LINK = 100


def _without_blocks(link: LexborNode) -> str:
    """The HTML of a link, with the blocks that stand in it dissolved into lines."""
    markup = link.html or ""
    return _BLOCK_TAG.sub("<br>", markup) if _BLOCK_TAG.search(markup) else markup


_BLOCK_TAG = re.compile(rf"</?(?:{'|'.join(sorted(BLOCK_TAGS))})\b{IN_TAG}>")


def _set_apart(markup: str) -> str:
    return f"<br><br>{markup}<br><br>"


def _is_in_the_line(node: LexborNode) -> bool:
    """An image among words: a formula, a sign. One that stands at an end, or after a sentence, stands by itself."""
    if node.text(strip=True):
        return True
    before, after = _words_beside(node, forward=False), _words_beside(node, forward=True)
    return bool(before and after) and not before.endswith(_SENTENCE_END)


def _words_beside(node: LexborNode, *, forward: bool) -> str:
    """The words that touch a node on one side, up to the next break or image."""
    other = node.next if forward else node.prev
    while other is not None and (tag := other.tag or "") not in {"br", "img"} and not _holds_blocks(other, tag):
        if text := other.text().strip(_SPACES + "\r\xa0"):
            return text
        other = other.next if forward else other.prev
    return ""


def _holds_blocks(node: LexborNode, tag: str) -> bool:
    """True for block elements, and for inline ones that wrongly have blocks inside; a link stays inline always."""
    if tag in BLOCK_TAGS:
        return True
    if not node.is_element_node or (tag == "a" and "href" in node.attributes) or node.first_child is None:
        return False
    return any(inner.tag in BLOCK_TAGS for inner in node.traverse() if inner.mem_id != node.mem_id)


def _blocks_of(node: LexborNode, tag: str) -> list[Block]:
    blocks: list[Block] = []
    if tag == "p":
        blocks = _without_anchor_sign(_inside_paragraph(node), caption_signal(node))
    elif tag == "table" and _is_layout(node):
        blocks = [block for cell in _cells_of(node) for block in _flow(cell)]
    elif tag in {"pre", "listing"}:
        if has(node, "p, section, article"):  # prose that somebody indented
            blocks = _prose_of(node)
        elif node.text(strip=True):
            blocks = [Block("pre", preformatted(node))]
    elif tag == "hr":
        blocks = [Block("hr", "<hr>")]
    elif tag == "summary":
        blocks = [Block(tag, f"<summary>{_flow_inside(node)}</summary>")]
    elif tag in _HEADINGS and (
        not node.text(strip=True)
        or any(inner.tag in BLOCK_TAGS for inner in select(node, "*") if inner.mem_id != node.mem_id)
    ):
        blocks = _flow(node)  # no heading holds blocks, or nothing but an image
    elif tag in _KEPT_WHOLE:
        blocks = _whole(node, tag)
    else:
        blocks = _without_anchor_sign(_flow(node), caption_signal(node))
    return blocks


def _without_anchor_sign(blocks: list[Block], signal: str) -> list[Block]:
    return [replace(block, caption=signal) for block in blocks] if signal else blocks


def _inside_paragraph(node: LexborNode) -> list[Block]:
    """What stands in a `<p>`. Only images and blocks, which stand by themselves, make a walk necessary."""
    markup = node.inner_html or ""
    if "<" in markup and not _BY_THEMSELVES.isdisjoint(_OPENED.findall(markup)):
        return _flow(node)
    return _paragraphs(markup)


_BY_THEMSELVES = BLOCK_TAGS | {"img"}
_OPENED = re.compile(r"<([a-z][^\s/>]*)")


def _whole(node: LexborNode, tag: str) -> list[Block]:
    markup = _heading_inside(node) if tag in _HEADINGS else _rewrite_inside(node)
    if TAG.sub("", markup).replace("&nbsp;", "").strip(" \n\t\u3000\u200b") or "<img" in markup:
        start = attribute(node, "start")
        opening = f'{tag} start="{html.escape(start)}"' if tag == "ol" and start else tag
        return [Block(tag, f"<{opening}>{markup}</{tag}>")]
    return []


def _heading_inside(node: LexborNode) -> str:
    """A heading's words: no bold in bold, and no sign that links to the heading itself."""
    return _without_bold(_tidy(_ANCHOR_SIGN.sub("", node.inner_html or "")))


def _without_bold(markup: str) -> str:
    """What stands in the bold elements that enclose all of it."""
    while (bold := _ALL_BOLD.match(markup)) and f"</{bold[1]}>" not in bold[2]:
        markup = bold[2]
    return markup


_ANCHOR_SIGN = re.compile(
    r"^\s*(?:<(?:a|span)\b[^>]*>)?\s*[#¶§🔗]\s*(?:</(?:a|span)>)\s*|(?:<(?:a|span)\b[^>]*>)?\s*[¶§🔗]\s*(?:</(?:a|span)>)?\s*$"
)


def _rewrite_inside(node: LexborNode) -> str:
    """What a list, table or quotation holds, with the flow of each item or cell tidied in its own right."""
    if node.tag in {"blockquote", "details"}:
        return "".join(block.html for block in _flow(node))
    parts: list[str] = []
    for child in children(node):
        tag = child.tag or ""
        if tag in _CELLS:
            inner = _flow_inside(child)
            if inner or tag not in _EMPTY_GOES:
                parts.append(f"<{tag}{_spans(child)}>{inner}</{tag}>")
        elif tag in {"thead", "tbody", "tfoot", "tr"}:
            if inner := _rewrite_inside(child):
                parts.append(f"<{tag}>{inner}</{tag}>")
        else:
            blocks = _blocks_of(child, tag) if _holds_blocks(child, tag) else _paragraphs(child.html or "")
            # A figure holds its image, not a paragraph with it.
            parts += [block.inner if node.tag == "figure" and block.tag == "p" else block.html for block in blocks]
    return "".join(parts)


def _flow_inside(cell: LexborNode) -> str:
    """A cell's blocks; a single paragraph needs no `<p>` around it."""
    blocks = _flow(cell)
    if len(blocks) == 1 and blocks[0].tag == "p":
        return blocks[0].inner
    return "".join(block.html for block in blocks)


def _spans(cell: LexborNode) -> str:
    """The attributes that make a cell span columns or rows."""
    given = {name: attribute(cell, name) for name in ("colspan", "rowspan", "scope")}
    return "".join(f' {name}="{html.escape(value)}"' for name, value in given.items() if value not in {"", "1"})


def _is_layout(table: LexborNode) -> bool:
    """A table round the article or a column of it: one cell, one column, tables or headings inside, no header cells."""
    if has(table, "th, caption"):
        return False
    rows = [row for row in select(table, "tr") if has(row, "td")]
    cells = list(_cells_of(table))
    return len(cells) <= 1 or len(cells) == len(rows) or has(table, "table table, td h1, td h2, td p ~ p ~ p")


def _cells_of(table: LexborNode) -> Iterator[LexborNode]:
    """The table's own cells, not those of tables inside."""
    for part in children(table):
        if part.tag in {"td", "th", "caption"}:
            yield part
        elif part.tag in {"tbody", "thead", "tfoot", "tr"}:
            yield from _cells_of(part)


def _prose_of(node: LexborNode) -> list[Block]:
    """Paragraphs wrongly put into `<pre>`: there a line's end is a line's end."""
    blocks: list[Block] = []
    for child in children(node):
        if child.is_text_node:
            blocks += _paragraphs((child.html or "").strip().replace("\n", "<br>"))
        else:
            blocks += _flow(child)
    return blocks


def _paragraphs(markup: str) -> list[Block]:
    """Inline HTML → paragraphs, cut where two or more `<br>` follow one another or a line begins with an indent."""
    if "<br" not in markup:
        tidy = _tidy(markup)
        return [Block("p", f"<p>{tidy}</p>")] if _shows_something(tidy) else []
    parts = map(_tidy, _BREAKS.split(markup))
    return [Block("p", f"<p>{tidy}</p>") for tidy in parts if _shows_something(tidy)]


def _shows_something(markup: str) -> bool:
    if "<" not in markup:
        return bool(markup)
    return bool(TAG.sub("", markup).strip() or _INLINE_MEDIA.search(markup))


def _tidy(markup: str) -> str:
    """Without indents, breaks and white space at either end, and without empty elements."""
    markup = markup.strip()
    if "<" not in markup and "&" not in markup:
        return markup.strip(_SPACES)
    previous = ""
    while previous != markup:
        previous = markup
        markup = _EMPTY_INLINE.sub("", markup)
        if leading := _LEADING.match(markup):
            markup = leading[1] + markup[leading.end() :]
        markup = _without_trailing_white(markup)
    return markup.strip()


def _without_trailing_white(markup: str) -> str:
    """Without the breaks and white space before the closing tags at the end. No pattern: it would try every space."""
    end = len(markup)
    while markup.endswith(">", 0, end) and markup.startswith("</", start := markup.rfind("<", 0, end)):
        end = start
    last = end
    while last:
        if markup[last - 1].isspace() or markup[last - 1] in _SPACES:
            last -= 1
        elif entity := next((white for white in _WHITE_ENTITIES if markup.endswith(white, 0, last)), ""):
            last -= len(entity)
        elif markup.endswith(">", 0, last) and markup.startswith("<br", start := markup.rfind("<", 0, last)):
            last = start
        else:
            break
    return markup if last == end else markup[:last] + markup[end:]


def _promote_bold(block: Block) -> Block:
    """A short paragraph that is bold from end to end, and no sentence, is a sub-heading."""
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
        or text.rstrip(_CLOSING).endswith(_SENTENCE_END)
    ):
        return block
    return Block("h3", f"<h3>{_without_bold(match[2])}</h3>")


def level_headings(blocks: list[Block]) -> list[Block]:
    """The page's `<h1>` is the title: the highest level in the text becomes `<h2>`, the others follow without a gap."""
    levels = {block.tag: "" for block in blocks if block.tag in _HEADINGS}
    for number, tag in enumerate(sorted(levels), 2):
        levels[tag] = f"h{min(number, 6)}"
    return [
        Block(level, f"<{level}>{block.inner}</{level}>") if (level := levels.get(block.tag)) else block
        for block in blocks
    ]
