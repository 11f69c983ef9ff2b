"""Write the table of modules between the two marks in a Markdown file: python tools/write_architecture_table.py FILE

Each module or folder of the package is described by the first paragraph of its docstring.
"""

import ast
import re
import sys
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent.parent / "plugins" / "newsarchive"


def purpose_of(module: Path) -> str:
    """Return the first paragraph of the docstring of a module, or of a folder's __init__.py."""
    source = module / "__init__.py" if module.is_dir() else module
    docstring = ast.get_docstring(ast.parse(source.read_text("utf-8"))) or ""
    return " ".join(docstring.split("\n\n")[0].split()).replace("|", "\\|")


modules = [path for path in PACKAGE.iterdir() if path.suffix == ".py" or (path / "__init__.py").is_file()]
names = {
    each: f"`{each.name}/`" if each.is_dir() else f"`{each.name}`" for each in modules if each.name != "__init__.py"
}
rows = [f"| {name} | {purpose_of(module)} |" for module, name in sorted(names.items(), key=lambda item: item[0].name)]
table = "\n".join(["| module | purpose |", "| --- | --- |", *rows]) + "\n"
path = Path(sys.argv[1])
marks = re.compile(r"(<!-- table -->\n).*?(<!-- end of table -->)", re.DOTALL)
path.write_text(marks.sub(lambda found: found[1] + table + found[2], path.read_text("utf-8")), "utf-8")
