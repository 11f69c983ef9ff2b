"""Usage: write_architecture_table.py FILE. Puts what each room of the package is for between the two marks of a
Markdown file: the first paragraph of its docstring."""

import ast
import re
import sys
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent.parent / "plugins" / "newsarchive"


def purpose_of(room: Path) -> str:
    """What a module, or a folder's __init__.py, says it is for."""
    source = room / "__init__.py" if room.is_dir() else room
    told = ast.get_docstring(ast.parse(source.read_text("utf-8"))) or ""
    return " ".join(told.split("\n\n")[0].split()).replace("|", "\\|")


rooms = [path for path in PACKAGE.iterdir() if path.suffix == ".py" or (path / "__init__.py").is_file()]
names = {room: f"`{room.name}/`" if room.is_dir() else f"`{room.name}`" for room in rooms if room.name != "__init__.py"}
rows = [f"| {name} | {purpose_of(room)} |" for room, name in sorted(names.items(), key=lambda item: item[0].name)]
table = "\n".join(["| room | what it is for |", "| --- | --- |", *rows]) + "\n"
path = Path(sys.argv[1])
marks = re.compile(r"(<!-- table -->\n).*?(<!-- end of table -->)", re.DOTALL)
path.write_text(marks.sub(lambda found: found[1] + table + found[2], path.read_text("utf-8")), "utf-8")
