"""Suggest a rule file for a source: candidates are what its articles repeat. A person decides which of them to use."""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

from selectolax.lexbor import LexborNode

from newsarchive.clean.dom import attribute, body_of, parse
from newsarchive.models import RawArticle

_LEAST = 3  # articles
_MOST_VARIED = 0.5  # share of distinct texts among the elements of a class; above it, the class holds content
_WORD = re.compile(r"[A-Za-z][\w-]{1,40}\Z")


def is_of_source(raw: RawArticle, source: str) -> bool:
    """Return True if the rules for a source concern an article: one of its categories or its author is the source."""
    return source in raw.categories or raw.text("author") == source


def suggest_rules(source: str, articles: Sequence[RawArticle]) -> str:
    """Return a rule file as TOML for the articles of one source, with the evidence for each candidate."""
    own = [raw for raw in articles if is_of_source(raw, source)]
    lines = [f"# {len(own)} articles were read. Check each candidate with: newsarchive explain FILE", ""]
    lines += [f"name = {_quoted(source)}", f"# base = {_quoted('https://…/')}", "drop = ["]
    lines += [f"  # {_quoted(selector)},  # {evidence}" for selector, evidence in _repeated_elements(own)]
    lines += ["]", "", "[match]", f"source = [{_quoted(source)}]", ""]
    for text, count in _repeated_lines(own):
        pattern = _quoted("^" + re.escape(text))
        lines += [f"# in {count} articles", "# [[drop_if]]", '# select = "p, div"', f"# text = {pattern}", ""]
    return "\n".join(lines) + _EXAMPLE


_EXAMPLE = """
[[example]]
name = "what must stay and what must go"
raw = "<p>正文。</p>"
clean = "<p>正文。</p>"
"""


def _repeated_elements(articles: Sequence[RawArticle]) -> Iterator[tuple[str, str]]:
    """Yield (selector, evidence) of classes that several articles have, with much the same text."""
    seen_in: dict[str, set[str]] = defaultdict(set)
    texts: dict[str, list[str]] = defaultdict(list)
    for raw in articles:
        for node in body_of(parse(raw.body)).css("[class]"):
            for selector in _selectors(node):
                seen_in[selector].add(raw.source)
                texts[selector].append("".join(node.text().split())[:200])
    for selector, where in sorted(seen_in.items(), key=lambda item: (-len(item[1]), item[0])):
        found = texts[selector]
        if len(where) >= _LEAST and len(set(found)) <= max(1, len(found) * _MOST_VARIED):
            sample = Counter(found).most_common(1)[0][0][:40]
            yield selector, f"in {len(where)} articles, such as “{sample}”"


def _selectors(node: LexborNode) -> Iterator[str]:
    for name in attribute(node, "class").split():
        if _WORD.match(name):
            yield f"{node.tag}.{name}"


def _repeated_lines(articles: Sequence[RawArticle]) -> Iterator[tuple[str, int]]:
    """Yield (text, number of articles) of short elements with the same text in several articles."""
    where: dict[str, set[str]] = defaultdict(set)
    for raw in articles:
        for node in body_of(parse(raw.body)).css("p, div, li, h1, h2, h3, h4"):
            text = " ".join(node.text().split())
            if 4 <= len(text) <= 80:
                where[text].add(raw.source)
    for text, sources in sorted(where.items(), key=lambda item: (-len(item[1]), item[0])):
        if len(sources) >= _LEAST:
            yield text, len(sources)


def _quoted(text: str) -> str:
    """A TOML basic string; JSON's escapes are a part of TOML's."""
    return json.dumps(text, ensure_ascii=False)
