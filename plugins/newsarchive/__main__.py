"""`python -m newsarchive`: the `newsarchive` command."""

from __future__ import annotations

from newsarchive.commands.main import main

if __name__ == "__main__":
    raise SystemExit(main())
