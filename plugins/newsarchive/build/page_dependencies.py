"""Digests of what pages are made from: every value that a template is given, and the template with all it uses.

A page whose digests are those of the last build is not rendered. So every value that reaches a template must be
digested here, and a value of an unknown type is an error. Which templates a template uses is read from its syntax
tree: see `render.template_dependencies`.
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

# Types of large values that many pages share. Each value is digested once.
_SHARED = frozenset({Article, Section, Tag, Day, Month, Year})

# Types that the encoder writes without a walk.
_PLAIN = frozenset({str, type(None), bool, int, float, bytes, date, datetime})


class Digester:
    """Digests values: equal values have equal digests, in every process.

    Values that many pages share are digested once, and replaced by their digests. The rest is encoded as JSON, which is
    C code, and hashed.
    """

    def __init__(self) -> None:
        self._shared: dict[int, bytes] = {}  # by id
        self._references: list[object] = []  # keeps shared values alive: the id of a dead one can be used again

    def digest(self, *values: object) -> bytes:
        """Return the digest of a sequence of values. Raises TypeError for a value of an unknown type."""
        if len(values) == 1 and type(values[0]) in _SHARED:
            return self._shared_digest(values[0])
        return fingerprint_of_bytes(_encode([self._plain(value) for value in values]))

    def register(self, article: Article, described: bytes) -> bytes:
        """Return the digest of an article from `described`, the digest of its cached card, and its collected fields.

        Only COLLECTED_FIELDS can differ from the card (a property test checks that), so the article need not be
        encoded again as a whole.
        """
        return self._remember(article, fingerprint_of_bytes(described + to_bytes(_collected(article))))

    def of_article(self, article: Article) -> bytes:
        """Return the digest of an article."""
        return self._shared_digest(article)

    def _remember(self, value: object, digest: bytes) -> bytes:
        self._references.append(value)
        self._shared[id(value)] = digest
        return digest

    def _plain(self, value: object) -> object:
        """Return `value` with shared values replaced by their digests, of types that JSON can hold."""
        kind: Any = type(value)
        if kind in _PLAIN:
            return value
        if kind in _SHARED:
            return self._shared_digest(value)
        if isinstance(value, str):
            return str.__str__(value)  # Markup is a subclass
        if names := _field_names(kind):
            value = [getattr(value, name) for name in names]
        elif isinstance(value, dict):
            value = [*chain.from_iterable(value.items())]
        if isinstance(value, tuple | list):
            if value and type(value[0]) is Article:
                return self._articles(value)
            return [item if type(item) in _PLAIN else self._plain(item) for item in value]
        raise TypeError(f"a template is given a {kind.__name__}, which has no digest")

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
            return self._remember(value, fingerprint_of_bytes(to_bytes(value)))
        kind: Any = type(value)
        return self._remember(value, self.digest(kind.__name__, *[getattr(value, name) for name in _field_names(kind)]))


_collected = attrgetter(*COLLECTED_FIELDS)


def _encode(values: list[object]) -> bytes:
    try:
        return to_bytes(values)
    except UnicodeEncodeError:  # a lone surrogate, from a setting
        return repr(values).encode("utf-8", "surrogatepass")


@cache
def _field_names(kind: Any) -> tuple[str, ...]:
    """Return the names of the fields of a Struct or dataclass; none for any other type."""
    if issubclass(kind, Struct):
        names: tuple[str, ...] = kind.__struct_fields__
        return names
    return tuple(field.name for field in fields(kind)) if is_dataclass(kind) else ()


class PageDigests:
    """Digests of the pages and files of one site."""

    def __init__(self, environment: Environment, site: Site, catalogue: bytes, additions: bytes = b"") -> None:
        """`catalogue` is the digest of the translations, `additions` is `TemplateAdditions.digest`."""
        self.digester = Digester()
        self._site = site
        self._base = fingerprint(code_fingerprint(), catalogue, additions)
        self._base_of_others = fingerprint(self._base, self.digester.digest(site))
        self._templates: dict[str, bytes] = {}
        self._dependencies = DependencyFinder(environment)

    def page(self, page: Page) -> dict[str, bytes]:
        """Return the inputs of a page, by name: its template, its head, and each value that the template is given."""
        inputs = {"template": self.template(page.template)}
        inputs["head"] = self.digester.digest(page.path, page.title, page.breadcrumbs)
        return inputs | {name: self.digester.digest(value) for name, value in page.context.items()}

    def group(self, group: PageGroup) -> dict[str, bytes]:
        """Return the inputs of a group of pages, by name."""
        return {"template": self.template(group.template), "list": self.digester.digest(*group.inputs)}

    def other(self, *values: object) -> bytes:
        """Return the digest of a file that is made from `values` and the site, without a template."""
        return fingerprint(self._base_of_others, self.digester.digest(*values))

    def template(self, name: str) -> bytes:
        """Return the digest of a template: its source, those of all it uses, and the fields of `site` they read."""
        if name not in self._templates:
            dependencies = self._dependencies.find(name)
            fields = [each for each in _field_names(Site) if dependencies.reads(each)]
            self._templates[name] = fingerprint(
                self._base,
                *chain.from_iterable(sorted(dependencies.sources.items())),
                self.digester.digest([[each, getattr(self._site, each)] for each in fields]),
            )
        return self._templates[name]
