"""Find what a template depends on: other templates, and fields of `site`.

Everything is read from Jinja's syntax tree, never searched for in the text. Where the tree cannot decide, the answer is
the larger one (all templates, all fields): a page that is rendered once too often costs time, a page that is not
rendered stays wrong.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from jinja2 import Environment, TemplateNotFound, TemplateSyntaxError, nodes
from jinja2.meta import find_referenced_templates

_RENDERING_FUNCTIONS = frozenset({"part", "fragments"})  # of render.environment: they render the template they name
_PARAMETERS_OF_PART = ("name", "site", "root")


@dataclass(frozen=True, slots=True)
class TemplateDependencies:
    """What a template is rendered from, beside the values that its page passes to it."""

    sources: Mapping[str, str]  # by name: the template, and all that it includes, imports, extends or renders
    site_fields: frozenset[str] | None  # None: any field of `site`

    def reads(self, field: str) -> bool:
        """Return True if `site.field` may show in what is rendered."""
        return self.site_fields is None or field in self.site_fields


@dataclass(frozen=True, slots=True)
class _Template:
    """What one template says, without what it uses."""

    source: str
    names: Sequence[str] | None = None  # the templates that it uses; None: a name is known only when it is rendered
    site_fields: frozenset[str] | None = None  # that it reads itself; None: any
    site_arguments: Sequence[tuple[str, int | None]] = ()  # (macro, position; None: by keyword) where it passes `site`
    macros: Sequence[tuple[str, Sequence[str]]] = ()  # (name, parameters)


class DependencyFinder:
    """Finds the dependencies of templates of one environment; reads and parses each template once."""

    def __init__(self, environment: Environment) -> None:
        self._environment = environment
        self._templates: dict[str, _Template | None] = {}

    def find(self, name: str) -> TemplateDependencies:
        """Return what the template `name` depends on, through any number of other templates.

        A template that does not exist is left out: when it appears, the sources are other ones.
        """
        found: dict[str, _Template] = {}
        pending, seen = [name], {name}
        while pending:
            current = pending.pop()
            template = self._template(current)
            if template is None:
                continue
            found[current] = template
            used = self._environment.list_templates() if template.names is None else template.names
            pending += [other for other in used if other not in seen]
            seen.update(used)
        sources = {each: template.source for each, template in found.items()}
        return TemplateDependencies(sources, _site_fields(found.values()))

    def _template(self, name: str) -> _Template | None:
        if name not in self._templates:
            self._templates[name] = self._read(name)
        return self._templates[name]

    def _read(self, name: str) -> _Template | None:
        assert self._environment.loader is not None
        try:
            source, file, _ = self._environment.loader.get_source(self._environment, name)
        except (TemplateNotFound, TemplateSyntaxError):
            return None
        try:
            tree = self._environment.parse(source, name, file)
        except TemplateSyntaxError:  # reported when it is rendered, which an `{% include %}` may never ask for
            return _Template(source)
        return _describe(source, tree)


def _site_fields(templates: Iterable[_Template]) -> frozenset[str] | None:
    """Return the fields of `site` that templates read, if all that they pass `site` to calls it `site`, too.

    What is read inside is found there, by that name.
    """
    templates = list(templates)
    parameters: dict[str, list[Sequence[str]]] = {}
    for name, names in (macro for template in templates for macro in template.macros):
        parameters.setdefault(name, []).append(names)
    fields: set[str] = set()
    for template in templates:
        if template.site_fields is None:
            return None
        if not all(_stays_site(position, parameters.get(macro, ())) for macro, position in template.site_arguments):
            return None
        fields |= template.site_fields
    return frozenset(fields)


def _stays_site(position: int | None, macros: Sequence[Sequence[str]]) -> bool:
    """Return True if the argument at `position` is the parameter `site` in each macro of a name, and there is one."""
    place = slice(None) if position is None else slice(position, position + 1)
    return bool(macros) and all("site" in parameters[place] for parameters in macros)


def _describe(source: str, tree: nodes.Template) -> _Template:
    every = list(tree.find_all(nodes.Node))
    calls = [node for node in every if isinstance(node, nodes.Call) and isinstance(node.node, nodes.Name)]
    macros = [node for node in every if isinstance(node, nodes.Macro)]
    reads = [node for node in every if isinstance(node, nodes.Getattr) and _is_site(node.node)]
    names = [node for node in every if isinstance(node, nodes.Name)]
    arguments = list(_site_arguments(calls, _imported_macros(every), names))
    known = {id(read.node) for read in reads} | {id(node) for node, _, _ in arguments}
    is_known = all(id(node) in known for node in names if node.ctx == "load" and _is_site(node))
    return _Template(
        source,
        _used_templates(tree, calls, names),
        frozenset(read.attr for read in reads) if is_known else None,
        [(macro, position) for _, macro, position in arguments if macro != "part"],
        [(macro.name, [parameter.name for parameter in macro.args]) for macro in macros],
    )


def _used_templates(tree: nodes.Template, calls: Sequence[nodes.Call], names: Sequence[nodes.Name]) -> list[str] | None:
    """Return the names of the templates that a template uses; None if it makes one only when it is rendered."""
    used = [*find_referenced_templates(tree), *_rendered_templates(calls, names)]
    known = [name for name in used if name is not None]
    return known if len(known) == len(used) else None


def _rendered_templates(calls: Sequence[nodes.Call], names: Sequence[nodes.Name]) -> Iterator[str | None]:
    """The first arguments of `part` and `fragments`: None for what is no constant, and for a function passed on."""
    rendering = [call for call in calls if _name_of(call) in _RENDERING_FUNCTIONS]
    for call in rendering:
        match [*call.args[:1], *(pair.value for pair in call.kwargs if pair.key == "name")]:
            case [nodes.Const(value=str(name))]:
                yield name
            case _:
                yield None
    if sum(name.name in _RENDERING_FUNCTIONS for name in names) > len(rendering):
        yield None


def _site_arguments(
    calls: Sequence[nodes.Call], imported: Mapping[str, str], names: Sequence[nodes.Name]
) -> Iterator[tuple[nodes.Node, str, int | None]]:
    """Yield (argument, macro, position; None: by keyword) for each `site` that is passed to `part` or a macro."""
    assigned = {name.name for name in names if name.ctx != "load"}  # may be anything
    for call in calls:
        if _name_of(call) in assigned:
            continue
        macro = imported.get(_name_of(call), _name_of(call))
        arguments = [*enumerate(call.args), *((None, pair.value) for pair in call.kwargs if pair.key == "site")]
        for position, argument in arguments:
            if _is_site(argument) and (macro != "part" or _stays_site(position, [_PARAMETERS_OF_PART])):
                yield argument, macro, position


def _imported_macros(every: Sequence[nodes.Node]) -> dict[str, str]:
    """The names that a template gives to imported macros, with the macros' own."""
    pairs = (name for node in every if isinstance(node, nodes.FromImport) for name in node.names)
    return {pair[1]: pair[0] for pair in pairs if isinstance(pair, tuple)}


def _name_of(call: nodes.Call) -> str:
    assert isinstance(call.node, nodes.Name)
    return call.node.name


def _is_site(node: nodes.Node) -> bool:
    return isinstance(node, nodes.Name) and node.name == "site"
