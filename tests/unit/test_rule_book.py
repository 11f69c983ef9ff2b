"""Which rules an article is cleaned by: those of its sources, and those whose marks its HTML holds."""

from __future__ import annotations

import pytest

from newsarchive.clean.rules import Rule, RuleBook
from newsarchive.models import Metadata, RawArticle, RawHtml

BOOK = RuleBook(
    (
        Rule("own", "own.toml", frozenset({"晨报"}), ()),
        Rule("by source", "a.toml", frozenset({"澜江晚报"}), ()),
        Rule("by mark", "b.toml", frozenset(), ('class="paper-editor"', "paper_body")),
        Rule("by class", "b2.toml", frozenset(), ('class="city',)),
        Rule("by longer class", "b3.toml", frozenset(), ('class="city-desk',)),
        Rule("by words", "c.toml", frozenset(), ("澜江客户端",)),
        Rule("by either", "d.toml", frozenset({"夜报"}), ("night-editor",)),
    )
)


@pytest.mark.parametrize(
    ("metadata", "body", "names"),
    [
        ({}, "<p>正文。</p>", []),
        ({"categories": ["财经", "澜江晚报", "要闻"]}, "<p>正文。</p>", ["by source"]),
        ({"author": "澜江晚报"}, "<p>正文。</p>", ["by source"]),
        ({"author": "澜江晚报社"}, "<p>正文。</p>", []),
        ({}, '<p>正文。</p><div class="paper-editor">张三</div>', ["by mark"]),
        ({}, '<p>正文。</p><div class="paper-edit">张三</div>', []),
        ({}, '<p class="city">正文。</p>', ["by class"]),
        ({}, '<p class="city-desk paper">正文。</p>', ["by class", "by longer class"]),
        ({}, "<p>下载澜江客户端</p>", ["by words"]),
        ({"author": "夜报"}, "<p>正文。</p>", ["by either"]),
        ({}, '<p id="night-editor">正文。</p>', ["by either"]),
        (
            {"author": "夜报", "categories": ["晨报"]},
            "<p>澜江客户端，paper_body</p>",
            ["own", "by mark", "by words", "by either"],
        ),
    ],
)
def test_an_article_finds_its_rules_in_the_order_of_the_book(metadata: Metadata, body: str, names: list[str]) -> None:
    raw = RawArticle("a.md", "标题", metadata, RawHtml(body))

    assert [rule.name for rule in BOOK.for_article(raw)] == names
