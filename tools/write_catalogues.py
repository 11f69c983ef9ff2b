"""Update the catalogues in theme/translations from the messages in templates and code: `make translations`

New messages are added without a translation, and unused ones are removed. It translates nothing.
"""

from __future__ import annotations

import sys
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

PROJECT = Path(__file__).resolve().parent.parent
SOURCES = {
    PROJECT / "theme" / "templates": [("**.html", "jinja2")],
    PROJECT / "plugins" / "newsarchive" / "render": [("**.py", "python")],
}
OPTIONS = {"**.html": {"trimmed": "true", "newstyle_gettext": "true"}}
# `gettext` and `ngettext` are also the names of the methods of `i18n.Translations`.
KEYWORDS = {"_": None, "gettext": None, "ngettext": (1, 2)}
# Header lines without information, or with the time: two runs would differ.
_DROPPED_HEADERS = tuple(
    f'"{name}'.encode()
    for name in "Project-Id Report-Msgid POT-Creation PO-Revision Last-Translator Language-Team Generated-By".split()
)
PATTERNS = ("EEEE, d MMMM y", "d MMMM y", "d MMM", "d MMMM", "EEEE", "MMMM", "MMMM y", "y")


def messages() -> Catalog:
    """Return all messages of the interface and the patterns of dates, without translations."""
    catalogue = Catalog(charset="utf-8", fuzzy=False)
    for folder, methods in SOURCES.items():
        for _, _, message, _, context in extract_from_dir(folder, methods, OPTIONS, KEYWORDS):
            catalogue.add(message, context=context)
    for pattern in PATTERNS:
        catalogue.add(pattern, context="date", auto_comments=["a CLDR date pattern"])
    return catalogue


def update(path: Path) -> None:
    """Update one catalogue in place."""
    with path.open("rb") as file:
        old = read_po(file, locale=path.stem.replace("-", "_"))
    old.update(messages(), no_fuzzy_matching=True)
    old.obsolete.clear()
    written = BytesIO()
    write_po(written, old, sort_output=True, width=110, no_location=True)
    lines = written.getvalue().splitlines(keepends=True)
    path.write_bytes(b"".join(line for line in lines if not line.startswith(_DROPPED_HEADERS)))


if __name__ == "__main__":
    for name in sys.argv[1:]:
        update(Path(name))
