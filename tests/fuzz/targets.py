"""What is fuzzed: the reader, the cleaner and the tokeniser, each as a function of bytes that fails when a promise is
broken. `fuzz.py` drives them guided by coverage; pytest runs them over the seeds and over every input that once failed.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from html.parser import HTMLParser
from zoneinfo import ZoneInfo

from msgspec.structs import replace

from newsarchive.cache.serialization import from_bytes, to_bytes
from newsarchive.clean import clean_article
from newsarchive.clean.article_codec import decode_clean_article, encode_clean_article
from newsarchive.clean.repetition import fingerprint_article
from newsarchive.clean.rules import RuleBook
from newsarchive.clean.sanitise import ATTRIBUTES, TAGS, sanitise
from newsarchive.config.settings import Settings
from newsarchive.describe import describe_article
from newsarchive.diagnostics import RejectedFile
from newsarchive.index.terms import FieldTexts, count_terms
from newsarchive.index.tokens import fold, query_terms, tokenise
from newsarchive.models import Article, CleanArticle, RawArticle, RawHtml
from newsarchive.read import parse_article
from newsarchive.search.query import parse_query

ZONE = ZoneInfo("Asia/Shanghai")


def read(data: bytes) -> None:
    """Any bytes are an article of plain texts, or are rejected with a reason."""
    with contextlib.suppress(RejectedFile):
        raw = parse_article(data, "a.md")
        for value in (raw.title, raw.body, *raw.metadata, *raw.metadata.values()):
            for text in [value] if isinstance(value, str) else value:
                _check_text(text)
        assert all(str(diagnostic).isprintable() for diagnostic in raw.diagnostics)


def clean(data: bytes) -> None:
    """Any body becomes HTML with nothing but the allowlist in it, which cleaning again leaves safe, and an article that
    can be kept and described."""
    raw = RawArticle("a.md", "标题", {}, RawHtml(data.decode("utf-8", "replace").replace("\0", "")))
    article = clean_article(raw, RuleBook(), 50)
    check_safe(article.html)
    assert sanitise(article.html) == article.html
    assert decode_clean_article(encode_clean_article(article)) == replace(article, raw=replace(raw, body=RawHtml("")))
    fingerprint_article(article)
    _describe(article)


def _describe(article: CleanArticle) -> None:
    with contextlib.suppress(RejectedFile):
        described = describe_article(article, Settings(), ZONE)
        assert from_bytes(to_bytes(described), Article) == described


def tokenise_and_query(data: bytes) -> None:
    """Any text is cut into tokens that hold its every letter, counted as they are cut, and can be asked for."""
    text = data.decode("utf-8", "replace")
    tokens = tokenise(text)
    assert all(tokens)
    assert tokenise(fold(text)) == tokens or "Σ" in text  # a Greek sigma is small by its place in the word
    count_terms([FieldTexts("", text, "", [text[:30]])])
    query_terms(text, last_is_prefix=True)
    parse_query(text)


TARGETS: dict[str, Callable[[bytes], None]] = {"reader": read, "cleaner": clean, "tokeniser": tokenise_and_query}


def _check_text(text: str) -> None:
    assert text.encode("utf-8").decode("utf-8") == text
    assert not any(char < " " and char not in "\t\n" for char in text)


def check_safe(markup: str) -> None:
    """Fails when a parser that shares no code with the cleaner finds anything but the allowlist in `markup`."""
    finder = _Finder(convert_charrefs=True)
    finder.feed(markup)
    finder.close()


class _Finder(HTMLParser):
    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in TAGS, tag
        for name, value in attrs:
            assert name in ATTRIBUTES["*"] | ATTRIBUTES.get(tag, set()), (tag, name)
            if name in {"href", "src"}:
                scheme = (value or "").partition(":")[0].lower()
                assert scheme in {"http", "https", "mailto", "tel"} or (value or "").startswith("data:image/"), value

    def handle_comment(self, data: str) -> None:
        raise AssertionError(f"comment: {data}")

    def handle_decl(self, decl: str) -> None:
        raise AssertionError(f"declaration: {decl}")

    def handle_pi(self, data: str) -> None:
        raise AssertionError(f"instruction: {data}")
