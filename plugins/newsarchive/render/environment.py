"""The Jinja environment: autoescape on, an unknown name is an error, words from the catalogue, and few filters."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from functools import cache, lru_cache
from itertools import groupby
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from jinja2.ext import Extension
from jinja2.lexer import Token, TokenStream
from markupsafe import Markup

from newsarchive.articles import Article
from newsarchive.render.pictures import picture_filters
from newsarchive.render.site import Site
from newsarchive.render.words import Words

# Han characters as they are: escaped they would take twice the bytes.
_JSON = {"ensure_ascii": False, "separators": (",", ":")}


def make_environment(template_folders: Sequence[Path], words: Words) -> Environment:
    """Templates of the first folder that has one win (Pelican's THEME_TEMPLATES_OVERRIDES, then the theme's own)."""
    environment = Environment(
        loader=FileSystemLoader([str(folder) for folder in template_folders]),
        extensions=["jinja2.ext.i18n", TranslateOnce],
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.extend(words=words)
    environment.install_gettext_translations(words.catalogue, newstyle=True)  # type: ignore[attr-defined]
    environment.policies["json.dumps_kwargs"] = _JSON
    environment.filters.update(filters_for(words))
    environment.globals["part"] = _part_of(environment)
    environment.globals["fragment"] = _fragment_of(environment)
    return environment


def _part_of(environment: Environment) -> Callable[[str, Site, str], Markup]:
    """`part(template, site, root)`: what is the same on all pages at one depth is rendered once for all of them."""

    @cache
    def part(name: str, site: Site, root: str) -> Markup:
        return Markup(environment.get_template(name).render(site=site, root=root))

    return part


def _fragment_of(environment: Environment) -> Callable[..., Markup]:
    """`fragment(template, article, root, …)`: what lists show of an article is rendered once for all of them. A list of
    fifty is made in a tenth of the time."""

    @lru_cache(maxsize=100_000)
    def render(name: str, shown: _Shown, options: tuple[tuple[str, bool], ...]) -> str:
        return environment.get_template(name).render(article=shown.article, root=_ROOT, **{**_OPTIONS, **dict(options)})

    def fragment(name: str, article: Article, root: str, **options: bool) -> Markup:
        return Markup(render(name, _Shown(article), tuple(options.items())).replace(_ROOT, root))

    return fragment


_ROOT = "\0root\0"  # stands for the way back to the root until a page is made; no text holds it
_OPTIONS = {"dated": False}


class _Shown:
    """An article as a key: by its address, which is its own."""

    __slots__ = ("article",)

    def __init__(self, article: Article) -> None:
        self.article = article

    def __hash__(self) -> int:
        return hash(self.article.url)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Shown) and other.article is self.article


class TranslateOnce(Extension):
    """Puts the translation of `_("words")` into the template when it is read, not each time it is rendered.

    A third of the time of a small page went into looking up the same twenty words. What has values to fill in is left.
    """

    def filter_stream(self, stream: TokenStream) -> Iterator[Token]:
        """The tokens of a template, with `_("words")` become the string it stands for."""
        held: list[Token] = []
        for token in stream:
            held.append(token)
            while held and not _could_be_words(held):
                yield held.pop(0)
            if len(held) == len(_WORDS):
                words: Words = self.environment.words  # type: ignore[attr-defined]  # given by make_environment
                yield Token(held[2].lineno, "string", words.say(held[2].value))
                held.clear()
        yield from held


_WORDS = (("name", "_"), ("lparen", None), ("string", None), ("rparen", None))


def _could_be_words(held: list[Token]) -> bool:
    wanted = zip(held, _WORDS, strict=False)
    return all(token.type == kind and value in {None, token.value} for token, (kind, value) in wanted)


def filters_for(words: Words) -> Mapping[str, Callable[..., Any]]:
    """The filters; Pelican's own environment, which reads the templates of hand-made pages, gets them too."""
    lists: Mapping[str, Callable[..., Any]] = {"by_month": by_month, "by_year": by_year}
    return {**words.filters(), **lists, "one_line": one_line, "seen_from": seen_from, **picture_filters()}


def seen_from(url: str, path: str) -> str:
    """The shortest relative address of `url` on the page at `path`."""
    there, here = url.split("/"), path.split("/")
    shared = next((at for at, pair in enumerate(zip(there[:-1], here[:-1], strict=False)) if pair[0] != pair[1]), None)
    if shared is None:
        shared = min(len(there), len(here)) - 1
    return "../" * (len(here) - 1 - shared) + "/".join(there[shared:])


def by_month(articles: Sequence[Article]) -> list[tuple[date | None, list[Article]]]:
    """Articles that follow one another in the same month, together, with the month's first day."""
    months = groupby(articles, key=lambda a: a.date.date().replace(day=1) if a.date else None)
    return [(month, list(group)) for month, group in months]


def by_year(articles: Sequence[Article]) -> list[tuple[date | None, list[Article]]]:
    """The same for years."""
    years = groupby(articles, key=lambda a: date(a.date.year, 1, 1) if a.date else None)
    return [(year, list(group)) for year, group in years]


def one_line(text: str) -> str:
    """As much of a text as stands in a line."""
    return text if len(text) <= _LINE else text[: _LINE - 1].rstrip("，,；;、 ") + "…"


_LINE = 40  # characters; about what search engines show, too
