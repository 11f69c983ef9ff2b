"""What a template is said to depend on: at least all that can show in what it renders, and no more than it must."""

from __future__ import annotations

from pathlib import Path

import pytest

from conftest import write_files
from newsarchive.i18n import load_translations
from newsarchive.render.environment import make_environment
from newsarchive.render.template_dependencies import DependencyFinder, TemplateDependencies

THEME = Path(__file__).resolve().parents[2] / "theme"
PARTIALS = """\
-- a.html --
{{ site.name }}
-- b.html --
{% include "a.html" %}
-- lib.html --
{% macro show(site) %}{{ site.pages }}{% endmacro %}{% macro leak(other) %}{{ other.pages }}{% endmacro %}
"""
EVERY = {"t.html", "a.html", "b.html", "lib.html"}


def find(folder: Path, text: str) -> TemplateDependencies:
    """The dependencies of a template beside the partials above."""
    write_files(folder, f"-- t.html --\n{text}\n{PARTIALS}")
    return DependencyFinder(make_environment([folder], load_translations(folder, "en"))).find("t.html")


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("words", {"t.html"}),
        ("the text of a.html", {"t.html"}),
        ('{% include "b.html" %}', {"t.html", "a.html", "b.html"}),
        ('{% extends "b.html" %}', {"t.html", "a.html", "b.html"}),
        ('{% include ["none.html", "a.html"] ignore missing %}', {"t.html", "a.html"}),
        ('{% from "lib.html" import show %}', {"t.html", "lib.html"}),
        ('{{ part("a.html", site, root) }}', {"t.html", "a.html"}),
        ('{{ part(site=site, root=root, name="a.html") }}', {"t.html", "a.html"}),
        ('{{ fragments("a.html", articles, path) }}', {"t.html", "a.html"}),
        ('{% include "" ~ "a.html" %}', EVERY),
        ("{% include name %}", EVERY),
        ("{%- if x %}{% import name as lib %}{% endif %}", EVERY),
        ('{% extends "a.html" if x else "b.html" %}', EVERY),
        ('{{ part("a" ~ ".html", site, root) }}', EVERY),
        ("{{ fragments(name, articles, path) }}", EVERY),
        ('{{ part(*["a.html", site, root]) }}', EVERY),
        ('{% set render = part %}{{ render("a.html", site, root) }}', EVERY),
        ("{% include name", EVERY),
    ],
)
def test_a_template_depends_on_those_it_names_and_on_all_where_it_makes_a_name(
    tmp_path: Path, text: str, names: set[str]
) -> None:
    assert find(tmp_path, text).sources.keys() == names


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        ("name sections pages", set()),
        ("{{ site.name }}{{ article.url }}", {"name"}),
        ('{{ part("a.html", site, root) }}{{ site.url }}', {"name", "url"}),
        ('{% from "lib.html" import show as view %}{{ view(site) }}', {"pages"}),
        ('{% from "lib.html" import show %}{{ show(site=site) }}', {"pages"}),
        ('{% from "lib.html" import leak %}{{ leak(site) }}', None),
        ('{% from "lib.html" import show %}{% set show = other %}{{ show(site) }}', None),
        ('{{ part(site, "a.html", root) }}', None),
        ("{{ site[field] }}", None),
        ('{{ site|attr("name") }}', None),
        ("{% set other = site %}", None),
        ("{{ [site] }}", None),
        ("{{ site", None),
    ],
)
def test_fields_of_the_site_are_known_while_every_template_calls_it_so(
    tmp_path: Path, text: str, fields: set[str] | None
) -> None:
    assert find(tmp_path, text).site_fields == fields


def test_no_page_of_an_article_depends_on_the_sections_of_the_site() -> None:
    environment = make_environment([THEME / "templates"], load_translations(THEME / "translations", "en"))

    dependencies = DependencyFinder(environment).find("article.html")

    assert not dependencies.reads("sections")
    assert dependencies.reads("pages")
