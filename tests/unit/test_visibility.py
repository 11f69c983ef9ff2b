"""What an author withholds is never published: whatever program the words are of, and however they are spelt."""

from __future__ import annotations

import pytest

from newsarchive.diagnostics import RejectedFile
from newsarchive.read import parse_article


def withheld(text: str) -> str:
    """Why the file of this text is withheld; "" when it is an article."""
    try:
        parse_article(text.encode(), "a.md")
    except RejectedFile as rejection:
        return rejection.diagnostic.message if rejection.diagnostic.code == "withheld" else str(rejection)
    return ""


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("published: false", "published: false"),
        ("published: False", "published: false"),
        ("published: 'FALSE'", "published: false"),
        ('Published: "no"', "published: false"),
        ("published: off", "published: false"),
        ("PUBLISHED: 0", "published: false"),
        ("published: !!bool false", "published: false"),
        ("draft: true", "draft: true"),
        ("draft: True # until Monday", "draft: true"),
        ("Draft: yes", "draft: true"),
        ("draft: on", "draft: true"),
        ("draft: 1", "draft: true"),
        ("draft: |\n  true", "draft: true"),
        ("draft: ｔｒｕｅ", "draft: true"),
        ("draft: “true”", "draft: true"),
        ("draft: to be continued", "draft: true"),
        ("draft: [true]", "draft: true"),
        ("hidden: true", "hidden: true"),
        ("hidden: TRUE", "hidden: true"),
        ("status: draft", "status: draft"),
        ("status: Draft", "status: draft"),
        ("Status: 'hidden'", "status: hidden"),
        ("status: Private", "status: private"),
        ("status: pending", "status: pending"),
        ("password: 123456", "password"),
        ("password: 'hunter2'", "password"),
        ("Password: '#1'", "password"),
        ("password: [one, two]", "password"),
        ("password: false", "password"),
    ],
)
def test_every_word_for_not_public_withholds_an_article(line: str, why: str) -> None:
    assert withheld(f"---\ntitle: 甲\n{line}\ndate: 2021-10-10\n---\n\n正文。") == why


@pytest.mark.parametrize(
    "line",
    [
        "published: true",
        "published: 2022-03-04 08:00:00",
        "published:",
        "draft: false",
        "draft: 'No'",
        "draft: False # at last",
        "draft: 0",
        "draft: |\n  false",
        "draft:",
        "draft: ~",
        "hidden: false",
        "hidden: OFF",
        "status: published",
        "status: 200",
        "password:",
        "password: ''",
        "password: null",
        "cover:\n  hidden: true",
        "params: {draft: true}",
        "summary: |\n  draft: true",
        "drafts: true",
        "title: 'draft: true'",
    ],
)
def test_everything_else_is_public(line: str) -> None:
    assert withheld(f"---\ntitle: 甲\n{line}\ndate: 2021-10-10\n---\n\ndraft: true\n\nstatus: draft\n") == ""


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("+++\ntitle = '甲'\ndraft = true\n+++\n正文", id="TOML"),
        pytest.param("+++\ntitle = '甲'\nDraft = 'True'\n+++\n正文", id="TOML, as text"),
        pytest.param("+++\ntitle = 甲\ndraft = true\n+++\n正文", id="TOML that is none"),
        pytest.param("+++\ntitle = '甲'\ndraft = true\n\n正文", id="TOML that nobody closed"),
        pytest.param(f"+++\ntitle = '{'甲' * 9_000}'\ndraft = true\n+++\n正文", id="TOML beyond the bounds"),
        pytest.param('{"title": "甲", "draft": true}\n\n正文', id="JSON"),
        pytest.param('{\n  "title": "甲",\n  "draft": "True"\n}\n正文', id="JSON, indented"),
        pytest.param('{"title": "甲", "draft": true,}\n正文', id="JSON that is none"),
        pytest.param('{\n  "title": "甲",\n  "draft": true,\n}\n正文', id="JSON that is none, indented"),
        pytest.param('"title": "甲",\n"draft": true\n;;;\n正文', id="JSON as Hexo has it"),
        pytest.param(';;;\n"title": "甲",\n"draft": true,\n;;;\n正文', id="JSON as Hexo has it, fenced"),
        pytest.param("Title: 甲\nDraft: true\nDate: 2021-10-10\n\n正文", id="a header as Pelican has it"),
        pytest.param("draft: true\ntitle: 甲\n\n正文", id="a header that begins with it"),
        pytest.param('---json\n{\n"draft": true\n}\n---\n正文', id="JSON between dashes"),
        pytest.param("---toml\ndraft = true\n---\n正文", id="TOML between dashes"),
        pytest.param("title: 甲\ndraft: true\n---\n正文", id="no opening fence"),
        pytest.param("---\ntitle: 甲\ndraft: true\n\n<p>正文</p>", id="no closing fence"),
        pytest.param("---\ntitle: 甲\n\ndraft: true\n\n<p>正文</p>", id="no closing fence, and a blank line"),
        pytest.param("---\ntitle: 甲\ndraft:true\n---\n正文", id="no space"),
        pytest.param("---\ntitle: 甲\ndraft：true\n---\n正文", id="a colon of full width"),
        pytest.param("---\ntitle: 'a' b\ndraft: true\n---\n正文", id="YAML that is none"),
        pytest.param('---\ntitle: "甲\ndraft: true\nauthor: 乙"\n---\n正文', id="a quote that nobody closed"),
        pytest.param(f"---\ntitle: 甲\nx: {'甲' * 100_000}\ndraft: true\n---\n正文", id="YAML beyond the bounds"),
        pytest.param("\ufeff\n---\r\ntitle: 甲\r\ndraft: true\r\n---\r\n正文", id="lines as Windows ends them"),
    ],
)
def test_a_draft_is_withheld_in_any_front_matter_however_broken(text: str) -> None:
    assert withheld(text) == "draft: true"


@pytest.mark.parametrize(
    "text",
    [
        pytest.param('{"title": "甲", "draft": false, "cover": {"hidden": true}}\n正文', id="JSON"),
        pytest.param("+++\ntitle = 甲\ndraft = false\n[cover]\nhidden = true\n+++\n正文", id="TOML that is none"),
        pytest.param("---\ntitle: 'a' b\ncover:\n  hidden: true\n---\n正文", id="YAML that is none"),
        pytest.param("甲\n\ndraft: true\n", id="no front matter"),
        pytest.param("<p>甲</p>\ndraft: true\n", id="HTML"),
        pytest.param("Title: 甲\n\ndraft: true\n", id="the text below a header"),
        pytest.param("{% raw %}\n正文", id="a brace that is no JSON"),
    ],
)
def test_no_public_article_is_withheld_for_its_broken_front_matter(text: str) -> None:
    assert withheld(text) == ""


def test_the_password_is_not_told() -> None:
    with pytest.raises(RejectedFile) as rejection:
        parse_article("---\ntitle: 甲\npassword: hunter2\n---\n正文".encode(), "a.md")

    assert str(rejection.value) == "a.md: password — take that line out to publish it"
