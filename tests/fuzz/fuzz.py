"""Fuzzing guided by coverage: python tests/fuzz/fuzz.py TARGET SECONDS [folder for new inputs]. `make fuzz` runs all.

What fails is written to a file `crash-…` or `timeout-…`: it belongs into tests/fuzz/finds/TARGET, with the repair.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parents[1] / "plugins")]

import atheris  # noqa: E402

with atheris.instrument_imports(include=["newsarchive", "frontmatter", "html5lib"]):
    from targets import TARGETS


def main(name: str, seconds: str, corpus: str = "") -> None:
    """Feed one target for some seconds, beginning with its seeds and all that once failed."""
    seeds = [str(folder) for folder in (HERE / "seeds" / name, HERE / "finds" / name) if folder.is_dir()]
    with tempfile.TemporaryDirectory() as empty:
        folders = [corpus or empty, *seeds]
        options = [f"-max_total_time={seconds}", "-max_len=4096", "-timeout=10", "-rss_limit_mb=2048", "-verbosity=1"]
        atheris.Setup([sys.argv[0], *options, *folders], TARGETS[name])
        atheris.Fuzz()


if __name__ == "__main__":
    main(*sys.argv[1:])
