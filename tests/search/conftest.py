"""The mixed archive's index, written once."""

from __future__ import annotations

from pathlib import Path

import pytest

from .corpus import mixed_archive, mixed_texts, write_index


@pytest.fixture(scope="session")
def mixed_output(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that holds the search of the mixed archive."""
    return write_index(mixed_archive(), mixed_texts(), tmp_path_factory.mktemp("mixed"))
