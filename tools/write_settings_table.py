"""Write the table of settings between the two marks in a Markdown file: python tools/write_settings_table.py FILE"""

import re
import sys
from pathlib import Path

from newsarchive.config.settings import settings_table

path = Path(sys.argv[1])
marks = re.compile(r"(<!-- table -->\n).*?(<!-- end of table -->)", re.DOTALL)
path.write_text(marks.sub(lambda found: found[1] + settings_table() + found[2], path.read_text("utf-8")), "utf-8")
