"""Two processes do not work in one folder, on systems that lock folders and on those that lock files alone."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from newsarchive.fs import locks
from newsarchive.fs.locks import FolderInUse, FolderLock

HOLD = """
import sys, time
from pathlib import Path
from newsarchive.fs import locks
if sys.argv[2] == "files":
    locks.fcntl = None
lock = locks.FolderLock(Path(sys.argv[1]))
print("held", flush=True)
time.sleep(600)  # the test kills it
"""


@pytest.fixture(params=["folders", "files"])
def system(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """What this system can lock; Windows locks files alone."""
    if request.param == "files":
        monkeypatch.setattr(locks, "fcntl", None)
    elif locks.fcntl is None:
        pytest.skip("this system locks no folders")
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(temporary))
    monkeypatch.setenv("TMPDIR", str(temporary))
    return str(request.param)


@pytest.mark.usefixtures("system")
def test_a_folder_is_locked_once_and_free_again_when_the_lock_is_closed(tmp_path: Path) -> None:
    lock = FolderLock(tmp_path)

    with pytest.raises(FolderInUse, match="another build is at work here — wait for it to end"):
        FolderLock(tmp_path)
    lock.close()
    FolderLock(tmp_path).close()


@pytest.mark.usefixtures("system")
def test_a_lock_leaves_nothing_in_the_folder(tmp_path: Path) -> None:
    output = tmp_path / "output"
    output.mkdir()

    lock = FolderLock(output)
    held = list(output.iterdir())
    lock.close()

    assert held == list(output.iterdir()) == []


def test_a_lock_ends_with_the_process_that_holds_it(tmp_path: Path, system: str) -> None:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path), system], stdout=subprocess.PIPE, env=environment
    )
    assert holder.stdout
    assert holder.stdout.readline() == b"held\n"

    with pytest.raises(FolderInUse):
        FolderLock(tmp_path)
    holder.send_signal(signal.SIGKILL)
    holder.communicate()

    FolderLock(tmp_path).close()
