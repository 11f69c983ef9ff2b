"""A file that is written beside its place and moved there when it is whole."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def temp_output(target: Path) -> Iterator[Path]:
    """Where to write; when the block ends well the file takes `target`'s place, else it goes.

    In a folder of its own: libzim makes files beside its own.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{target.name}.", dir=target.parent) as folder:
        beside = Path(folder) / target.name
        yield beside
        os.replace(beside, target)
