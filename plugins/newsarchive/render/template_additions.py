"""A site's own filters, globals and tests for templates: JINJA_FILTERS, JINJA_GLOBALS and JINJA_TESTS."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from jinja2 import Environment
from markupsafe import Markup

from newsarchive.cache.fingerprints import fingerprint

_PLAIN = frozenset({str, Markup, bytes, bool, int, float, type(None), date, datetime})

Named = tuple[tuple[str, Any], ...]


@dataclass(frozen=True, slots=True)
class TemplateAdditions:
    """What a site adds to the names of templates. Two of them are equal if their digests are."""

    filters: Named = field(default=(), compare=False)
    globals: Named = field(default=(), compare=False)
    tests: Named = field(default=(), compare=False)
    digest: bytes = b""

    def add_to(self, environment: Environment) -> None:
        """Add the names to an environment; they win over the theme's own."""
        environment.filters.update(self.filters)
        environment.globals.update(self.globals)
        environment.tests.update(self.tests)


def make_additions(
    filters: Iterable[tuple[str, Callable[..., Any]]] = (),
    globals: Iterable[tuple[str, Any]] = (),
    tests: Iterable[tuple[str, Callable[..., Any]]] = (),
) -> TemplateAdditions:
    """Return the additions with their digest.

    Plain values (text, numbers, dates, and lists, tuples and dictionaries of them) are digested. A function may return
    something else tomorrow, so with a filter, a test or any other global the digest is random: every page is rendered
    in every build.
    """
    given = [tuple(each) for each in (filters, globals, tests)]
    if not any(given):
        return TemplateAdditions()
    is_plain = not given[0] and not given[2] and all(_is_plain(value) for _, value in given[1])
    digest = fingerprint(repr(sorted(given[1]))) if is_plain else os.urandom(16)
    return TemplateAdditions(given[0], given[1], given[2], digest)


def _is_plain(value: object) -> bool:
    """Return True if `repr` shows all of a value. It does not for subclasses, and a set has no fixed order."""
    if type(value) is dict:
        return all(_is_plain(key) and _is_plain(each) for key, each in value.items())
    if type(value) is list or type(value) is tuple:
        return all(map(_is_plain, value))
    return type(value) in _PLAIN
