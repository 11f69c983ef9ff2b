"""The Jinja environment: autoescape on, undefined names are errors, texts from the catalogue, and few filters."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, MutableMapping, Sequence
from datetime import date
from functools import lru_cache
from itertools import groupby
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template, TemplateSyntaxError
from jinja2.compiler import CodeGenerator, Frame
from jinja2.ext import Extension
from jinja2.lexer import Token, TokenStream
from jinja2.nodes import Expr
from markupsafe import Markup, escape

from newsarchive.cache.serialization import to_bytes
from newsarchive.i18n import Translations
from newsarchive.models import Article
from newsarchive.render.images import image_filters
from newsarchive.render.site import Site


def make_environment(template_folders: Sequence[Path], translations: Translations) -> Environment:
    """Return the environment for templates of these folders; a template of an earlier folder wins."""
    environment = _Environment(
        loader=_Loader([str(folder) for folder in template_folders]),
        extensions=["jinja2.ext.i18n", TranslateOnce],
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        optimized=False,  # templates have few constants to fold, and looking for them takes a tenth of the parsing
    )
    environment.extend(translations=translations)
    environment.install_gettext_translations(translations.catalogue, newstyle=True)  # type: ignore[attr-defined]
    environment.policies["json.dumps_function"] = _json
    environment.policies["json.dumps_kwargs"] = {}
    environment.globals["ngettext"] = _counter(translations)
    environment.filters.update(filters_for(translations))
    environment.globals["part"] = _part_of(environment)
    environment.globals["fragments"] = _fragments_of(environment)
    return environment


class _Loader(FileSystemLoader):
    """Reports a template that is not UTF-8 as an error of that template."""

    def get_source(self, environment: Environment, template: str) -> tuple[str, str, Callable[[], bool]]:
        try:
            return super().get_source(environment, template)
        except UnicodeDecodeError as error:
            files = (Path(folder, *template.split("/")) for folder in self.searchpath)
            file = next((str(file) for file in files if file.is_file()), template)
            line = error.object.count(b"\n", 0, error.start) + 1
            raise TemplateSyntaxError("the file is not UTF-8", line, template, file) from None


def _json(value: object) -> str:
    """Return JSON with Han characters unescaped: escaped, they take twice the bytes."""
    return to_bytes(value).decode()


def _counter(translations: Translations) -> Callable[..., Markup]:
    """Return `ngettext` of the catalogue, with its results cached."""

    @lru_cache(maxsize=10_000)
    def ngettext(singular: str, plural: str, num: int, **values: object) -> Markup:
        return Markup(translations.catalogue.ngettext(singular, plural, num)) % {"num": num, **values}

    return ngettext


_NOT_AS_IT_IS = re.compile("[&<>'\"]")


def write_safely(value: object) -> str:
    """Return what `escape` returns, as plain text.

    Nearly all of the eighty values of an article page have nothing to escape: turning them into Markup first took a
    tenth of the time."""
    kind = type(value)
    if kind is Markup or (kind is str and not _NOT_AS_IT_IS.search(value)):  # type: ignore[call-overload]
        return value  # type: ignore[return-value]
    return escape(value)


class _CodeGenerator(CodeGenerator):
    """Generates `write_safely` for `{{ … }}` where Jinja generates `escape`."""

    def _output_child_pre(self, node: Expr, frame: Frame, finalize: Any) -> None:
        if frame.eval_ctx.autoescape and not frame.eval_ctx.volatile and finalize.src is None:
            self.write("environment.write_safely(")
        else:
            super()._output_child_pre(node, frame, finalize)


class _Environment(Environment):
    """Keeps the globals in one plain dictionary.

    Jinja copies a chain of dictionaries for each rendering, which took longer than rendering a line of a list.
    """

    code_generator_class = _CodeGenerator
    write_safely = staticmethod(write_safely)

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        return {**self.globals, **d} if d else self.globals


def _part_of(environment: Environment) -> Callable[[str, Site, str], Markup]:
    """Return `part(template, site, root)`, which renders a partial once for all pages at one depth."""
    known: dict[tuple[str, int, str], tuple[Site, Markup]] = {}  # with the site: its id is only its own while it lives

    def part(name: str, site: Site, root: str) -> Markup:
        key = (name, id(site), root)
        if key not in known:
            known[key] = (site, Markup(environment.get_template(name).render(site=site, root=root)))
        return known[key][1]

    return part


def _fragments_of(environment: Environment) -> Callable[..., Markup]:
    """Return `fragments(template, articles, path, dated)`, which renders articles for lists, each once for all lists.

    It renders many articles at once, because calling a template takes longer than rendering a line of it."""
    templates: dict[str, Template] = {}
    known: dict[tuple[str, bool], dict[int, tuple[Article, str]]] = {}  # by id, with the article: see `part`

    def render(name: str, articles: Sequence[Article], dated: bool) -> None:
        if name not in templates:
            templates[name] = _for_many(environment, name)
        text = templates[name].render(articles=articles, root=_ROOT, dated=dated)
        made = known[name, dated]
        for article, line in zip(articles, text.split(_END)[:-1], strict=True):
            made[id(article)] = (article, line)

    def fragments(name: str, articles: Sequence[Article], path: str, dated: bool = False) -> Markup:
        made = known.setdefault((name, dated), {})
        if len(made) > _MOST_KNOWN:
            made.clear()
        unknown = [article for article in articles if id(article) not in made]
        if unknown:
            render(name, unknown, dated)
        text = "".join([made[id(article)][1] for article in articles])
        folder = path[: path.rfind("/") + 1]
        if folder:  # a page below the page's own folder needs no path to the root
            text = text.replace(_ROOT + folder, "")
        return Markup(text.replace(_ROOT, "../" * path.count("/")))

    return fragments


def _for_many(environment: Environment, name: str) -> Template:
    """Return the template of one article as a template of many."""
    assert environment.loader is not None
    source, file, _ = environment.loader.get_source(environment, name)
    source = "{% for article in articles %}" + source.removesuffix("\n") + _END + "{% endfor %}"
    code = environment.compile(source, name, file)
    return environment.template_class.from_code(environment, code, environment.make_globals(None))


_ROOT, _END = "\0root\0", "\0end\0"  # placeholders: the path to the root, and the end of an article; no text has a NUL
_MOST_KNOWN = 100_000


class TranslateOnce(Extension):
    """Puts the translation of `_("text")` into a template when it is parsed, not each time it is rendered.

    Looking up the same twenty texts took a third of the time of a small page. Texts with values are not replaced.
    """

    def filter_stream(self, stream: TokenStream) -> Iterator[Token]:
        """Yield the tokens of a template, with `_("text")` replaced by its translation."""
        held: list[Token] = []
        for token in stream:
            if not held and token.value != "_":
                yield token
                continue
            held.append(token)
            while held and not _could_be_words(held):
                yield held.pop(0)
            if len(held) == len(_WORDS):
                translations: Translations = self.environment.translations  # type: ignore[attr-defined]  # given by make_environment
                yield Token(held[2].lineno, "string", translations.gettext(held[2].value))
                held.clear()
        yield from held


_WORDS = (("name", "_"), ("lparen", None), ("string", None), ("rparen", None))


def _could_be_words(held: list[Token]) -> bool:
    wanted = zip(held, _WORDS, strict=False)
    return all(token.type == kind and value in {None, token.value} for token, (kind, value) in wanted)


def filters_for(translations: Translations) -> Mapping[str, Callable[..., Any]]:
    """Return the theme's filters. Pelican's environment, which loads templates of hand-made pages, needs them too."""
    lists: Mapping[str, Callable[..., Any]] = {"by_month": by_month, "by_year": by_year}
    return {**translations.filters(), **lists, "one_line": one_line, "relative_to": relative_to, **image_filters()}


def relative_to(url: str, path: str) -> str:
    """Return the shortest relative address of `url` on the page at `path`."""
    there, here = url.split("/"), path.split("/")
    shared, folders = 0, min(len(there), len(here)) - 1
    while shared < folders and there[shared] == here[shared]:
        shared += 1
    return "../" * (len(here) - 1 - shared) + "/".join(there[shared:])


def by_month(articles: Sequence[Article]) -> list[tuple[date | None, list[Article]]]:
    """Group consecutive articles by month: return (first day of the month, or None for undated; articles)."""
    months = groupby(articles, key=lambda a: a.date.date().replace(day=1) if a.date else None)
    return [(month, list(group)) for month, group in months]


def by_year(articles: Sequence[Article]) -> list[tuple[date | None, list[Article]]]:
    """Group consecutive articles by year: return (first day of the year, or None for undated; articles)."""
    years = groupby(articles, key=lambda a: date(a.date.year, 1, 1) if a.date else None)
    return [(year, list(group)) for year, group in years]


def one_line(text: str) -> str:
    """Return the beginning of a text that fits in a line, with an ellipsis if it was longer."""
    return text if len(text) <= _LINE else text[: _LINE - 1].rstrip("，,；;、 ") + "…"


_LINE = 40  # characters; search engines show about as many
