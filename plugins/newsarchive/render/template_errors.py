"""Render templates, and report their errors with the file and line of the template."""

from __future__ import annotations

import os
import traceback
from collections.abc import Mapping
from typing import Any

from jinja2 import Environment, TemplateNotFound, TemplatesNotFound, TemplateSyntaxError, UndefinedError

from newsarchive.diagnostics import Diagnostic, NewsArchiveError, RenderError


def render_template(environment: Environment, name: str, context: Mapping[str, Any]) -> str:
    """Render the template `name` with the names in `context`.

    Raises RenderError for an error in a template, or in a filter, test or function that a template calls. Lack of
    memory, and errors of code that no template called, are raised as they are.
    """
    try:
        return environment.get_template(name).render(context)
    except (NewsArchiveError, MemoryError):
        raise
    except Exception as error:
        location = _location_of(error)
        if not location and not isinstance(error, TemplateNotFound):
            raise
        raise RenderError(_diagnostic(error, location or name)) from error


def describe_template_error(error: Exception, name: str) -> Diagnostic:
    """Return the diagnostic for an `error` in the template `name`, or in one that it uses."""
    return _diagnostic(error, _location_of(error) or name)


def _diagnostic(error: Exception, location: str) -> Diagnostic:
    message = _message(error)
    return Diagnostic("template", location, message, _hint(error, message))


def _message(error: Exception) -> str:
    if isinstance(error, TemplateNotFound) and not isinstance(error, TemplatesNotFound):
        return f"there is no template {error.name!r}"
    if isinstance(error, TemplateSyntaxError | TemplateNotFound | UndefinedError):
        return (error.message or "").rstrip(".")
    return f"{type(error).__name__}: {error}"


def _hint(error: Exception, message: str) -> str:
    if isinstance(error, UndefinedError):
        return "define it, or use a name that docs/theme.md lists"
    if isinstance(error, TemplateNotFound):
        return "correct the name, or add the file to a folder of THEME_TEMPLATES_OVERRIDES"
    if isinstance(error, TemplateSyntaxError):
        kind = next((kind for kind in ("filter", "test") if message.startswith(f"No {kind} named")), "")
        return (
            f"add it to JINJA_{kind.upper()}S, or use one that docs/theme.md lists" if kind else "correct the template"
        )
    return "correct the template, or the filter or function that it calls"


def _location_of(error: Exception) -> str:
    """Return `file:line` of the innermost template in the traceback; "" if no template had begun.

    Jinja replaces the frames of its generated code by frames whose file and line are the template's.
    """
    if isinstance(error, TemplateSyntaxError):
        return _shown(error.filename or error.name or "", error.lineno)
    frames = [(frame, line) for frame, line in traceback.walk_tb(error.__traceback__) if _is_template(frame.f_globals)]
    return _shown(frames[-1][0].f_code.co_filename, frames[-1][1]) if frames else ""


def _is_template(names: Mapping[str, Any]) -> bool:
    return "__jinja_exception__" in names  # as jinja2.debug marks the frames that it makes


def _shown(file: str, line: int) -> str:
    """A file below the working folder is named from there, as compilers do."""
    relative = os.path.relpath(file) if file else file
    return f"{file if relative.startswith(os.pardir) else relative}:{line}"
