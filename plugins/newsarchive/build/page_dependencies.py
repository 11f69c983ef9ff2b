"""What a page is made from, as one fingerprint: everything its template is given, and the template with all it uses.

A page whose fingerprint is the same needs no rendering. So nothing may reach a template that is not digested here: a
value of a kind that is not known is an error, not nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from functools import cache
from itertools import chain
from operator import attrgetter
from typing import Any

from jinja2 import Environment
from msgspec import Struct

from newsarchive.cache.fingerprints import code_fingerprint, fingerprint, fingerprint_of_bytes
from newsarchive.cache.serialization import to_bytes
from newsarchive.collect.archive import Day, Section, Tag
from newsarchive.models import COLLECTED_FIELDS, Article
from newsarchive.render.calendar import Month, Year
from newsarchive.render.page import Page, PageGroup
from newsarchive.render.site import Site
from newsarchive.render.template_dependencies import DependencyFinder

# Large values that many pages are given: digested once. They live as long as the archive.
_SHARED = frozenset({Article, Section, Tag, Day, Month, Year})

# What JSON holds as it is.
_PLAIN = frozenset({str, type(None), bool, int, float, bytes, date, datetime})


class Digester:
    """Digests values; equal values have equal digests, in every process.

    Values that many pages are given are digested once. The rest is written as JSON, which is C code, after a walk that
    goes no deeper than it must: it puts digests in the places of what is shared, and refuses what it does not know.
    """

    def __init__(self) -> None:
        self._shared: dict[int, bytes] = {}  # by id
        self._held: list[object] = []  # an id is only a value's own while it lives

    def digest(self, *values: object) -> bytes:
        """One digest for `values`."""
        return fingerprint_of_bytes(_written([self._plain(value) for value in values]))

    def register(self, article: Article, described: bytes) -> bytes:
        """An article's digest, of a fingerprint of it as it was described, and what was found out since then: it need
        not be written again as a whole."""
        return self._hold(article, fingerprint_of_bytes(described + to_bytes(_collected(article))))

    def of_article(self, article: Article) -> bytes:
        """An article's digest."""
        return self._shared_digest(article)

    def _hold(self, value: object, digest: bytes) -> bytes:
        self._held.append(value)
        self._shared[id(value)] = digest
        return digest

    def _plain(self, value: object) -> object:
        """`value` of nothing but what JSON can hold."""
        kind: Any = type(value)
        if kind in _PLAIN:
            return value
        if kind in _SHARED:
            return self._shared_digest(value)
        if isinstance(value, str):
            return str.__str__(value)  # of Markup, too
        if names := _field_names(kind):
            value = [getattr(value, name) for name in names]
        elif isinstance(value, dict):
            value = [*chain.from_iterable(value.items())]
        if isinstance(value, tuple | list):
            if value and type(value[0]) is Article:
                return self._articles(value)
            return [item if type(item) in _PLAIN else self._plain(item) for item in value]
        raise TypeError(f"a page is given a {kind.__name__}, of which nobody can tell whether it changed")

    def _articles(self, articles: Sequence[Article]) -> bytes:
        try:
            return b"".join(map(self._shared.__getitem__, map(id, articles)))
        except KeyError:
            return b"".join(map(self._shared_digest, articles))

    def _shared_digest(self, value: object) -> bytes:
        known = self._shared.get(id(value))
        if known is not None:
            return known
        if isinstance(value, Article):
            return self._hold(value, fingerprint_of_bytes(to_bytes(value)))
        kind: Any = type(value)
        return self._hold(value, self.digest(kind.__name__, *[getattr(value, name) for name in _field_names(kind)]))


_collected = attrgetter(*COLLECTED_FIELDS)


def _written(values: list[object]) -> bytes:
    try:
        return to_bytes(values)
    except UnicodeEncodeError:  # half a character, in a setting: UTF-8 has no way to write it
        return repr(values).encode("utf-8", "surrogatepass")


@cache
def _field_names(kind: Any) -> tuple[str, ...]:
    """The fields of a kind of frozen values; none of any other kind."""
    if issubclass(kind, Struct):
        names: tuple[str, ...] = kind.__struct_fields__
        return names
    return tuple(field.name for field in fields(kind)) if is_dataclass(kind) else ()


class PageDigests:
    """Fingerprints of pages of one site."""

    def __init__(self, environment: Environment, site: Site, catalogue: bytes, additions: bytes = b"") -> None:
        """`catalogue` is a fingerprint of the language's words, `additions` is `TemplateAdditions.digest`."""
        self.digester = Digester()
        self._site = site
        self._base = fingerprint(code_fingerprint(), catalogue, additions)
        self._base_of_others = fingerprint(self._base, self.digester.digest(site))
        self._templates: dict[str, bytes] = {}
        self._dependencies = DependencyFinder(environment)

    def page(self, page: Page) -> dict[str, bytes]:
        """Return the digests of what a page is made from, by name: its template, its head, each value it is given."""
        inputs = {"template": self.template(page.template)}
        inputs["head"] = self.digester.digest(page.path, page.title, page.breadcrumbs)
        return inputs | {name: self.digester.digest(value) for name, value in page.context.items()}

    def group(self, group: PageGroup) -> dict[str, bytes]:
        """Return the digests of what a group of pages is made from, by name."""
        return {"template": self.template(group.template), "list": self.digester.digest(*group.inputs)}

    def other(self, *values: object) -> bytes:
        """What a file is made from that is made of `values`, the site and no template."""
        return fingerprint(self._base_of_others, self.digester.digest(*values))

    def template(self, name: str) -> bytes:
        """Return the digest of a template: its source, those of all it uses, and what it reads of the site."""
        if name not in self._templates:
            dependencies = self._dependencies.find(name)
            fields = [each for each in _field_names(Site) if dependencies.reads(each)]
            self._templates[name] = fingerprint(
                self._base,
                *chain.from_iterable(sorted(dependencies.sources.items())),
                self.digester.digest([[each, getattr(self._site, each)] for each in fields]),
            )
        return self._templates[name]
