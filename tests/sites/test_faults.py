"""Whatever fails, and whenever: a build ends in a clear error, or as a clean one does; no page of the last output is
lost or half; and the next build makes everything good.

More trials at will: FAULTS=100 pytest tests/sites/test_faults.py (of each kind; "all" for every operation there is).
"""

from __future__ import annotations

import os
import random
import re
import shutil
import subprocess
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from conftest import PROJECT, Built
from newsarchive.verify import verify_site

from .editing import EditedSite
from .fault_injection import FULL, KILL, ONCE, READ_ONLY, Fault, FaultyBuilds, Outcome
from .test_incremental import differences

TRIALS = os.environ.get("FAULTS", "3")
SERIAL, PROCESSES = 'NEWSARCHIVE_EXECUTOR="serial"', 'NEWSARCHIVE_EXECUTOR="processes"'


class Bench:
    """A site that was built, and then changed in every way a site is; builds of it start from there, and fail."""

    def __init__(self, folder: Path) -> None:
        self.site = EditedSite(folder, seed=21)
        self.builds = FaultyBuilds(PROJECT / "plugins")
        self.run(self.work("old"))  # in the process that later ones are forked from
        self.run(self.work("old"))
        self.old = self.built("old")
        for edit in (self.site.add_article, self.site.change_article, self.site.delete_article) * 2:
            edit()
        self.site.write_rule()
        self.site.mark_template("partials/colophon.html")  # on every page
        self.site.change_style()
        self.site.add_page()
        self.site.write("images/dot.txt", "static, and another\n")
        self.site.write("images/new/dot.txt", "static\n")
        assert self.run(self.work("new")).status == 0
        self.new = self.built("new")
        assert self.new.tree() != self.old.tree()

    def work(self, name: str) -> Path:
        """A folder to build in."""
        folder = self.site.folder / name
        folder.mkdir(exist_ok=True)
        return folder

    def run(self, work: Path, fault: Fault | None = None, executor: str = SERIAL) -> Outcome:
        """Build the site into a folder."""
        folders = ["-o", str(work / "output"), "--cache-path", str(work / "cache"), "--log-handler", "plain"]
        given = [str(self.site.content), "-s", str(PROJECT / "pelicanconf.py"), *folders, *self.site.options()]
        roots = [self.site.content, self.site.theme, self.site.own, work / "output", work / "cache"]
        return self.builds.run([*given, executor], work, roots, fault)

    def built(self, name: str) -> Built:
        """What stands in a folder."""
        work = self.work(name)
        return Built(self.site.content, work / "output", work / "cache", 0, "")

    def copy_of_old(self, target: Path) -> Path:
        """A folder where the site is as it was before it was changed."""
        shutil.rmtree(target, ignore_errors=True)
        return Path(shutil.copytree(self.work("old"), target))

    def problems_after(self, work: Path, outcome: Outcome, first: bool = False) -> Iterator[str]:
        """What a build that met a fault must not leave behind, and the next one not do."""
        name = work.name
        old, new = ({} if first else self.old.tree()), self.new.tree()
        left = {path: data for path, data in self.built(name).tree().items() if not path.endswith(".part")}
        if "Traceback" in outcome.said:
            yield "a traceback"
        if outcome.status == 0:
            yield from self._problems_of_an_end(name)
        elif not outcome.was_killed and " — " not in outcome.said:
            yield f"no clear error: {outcome.said[-300:]}"
        if outcome.status != 0 and not first:
            yield from (f"lost: {path}" for path in old if path in new and path not in left)
            yield from (f"spoilt: {path}" for path in left if left[path] not in (old.get(path), new.get(path)))
        again = self.run(work)
        if again.status:
            yield f"the next build: {again.said[-300:]}"
        else:
            yield from (f"after the next build: {path}" for path in differences(self.built(name), self.new))
        if parts := [path.name for path in work.rglob("*.part")]:
            yield f"left over: {parts}"

    def _problems_of_an_end(self, name: str) -> Iterator[str]:
        """A build that goes on: as a clean one, or it says which files could not be read, and the rest is whole."""
        built = self.built(name)
        if differences(built, self.new):
            rejected = [row for row in built.ledger.values() if row["status"] == "rejected"]
            if not rejected and not re.search("cannot be read|Could not process", self._said(name)):
                yield f"not a clean build: {differences(built, self.new)[:5]}"
            yield from map(str, verify_site(built.output).diagnostics)

    def _said(self, name: str) -> str:
        return (self.work(name).with_suffix(".said")).read_text("utf-8", "replace")


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    """One for all."""
    bench = Bench(tmp_path_factory.mktemp("bench"))
    yield bench
    bench.builds.close()


def sample(operations: Sequence[str], seed: str) -> list[int]:
    """Numbers of operations, spread over the whole build: every so-manieth, begun at random."""
    if TRIALS == "all":
        return list(range(1, len(operations) + 1))
    step = len(operations) / int(TRIALS)
    begin = random.Random(seed).uniform(0, step)
    return sorted({1 + int(begin + number * step) % len(operations) for number in range(int(TRIALS))})


def try_faults(bench: Bench, kind: str, first: bool) -> str:
    """Everything that is not as it must be after any of the faults."""
    work = bench.work(f"{'first' if first else 'later'}-{kind}")
    prepare = (lambda: shutil.rmtree(work) or work.mkdir()) if first else (lambda: bench.copy_of_old(work))
    prepare()
    operations = bench.run(work).operations
    ends: Counter[str] = Counter()
    found = []
    for at in sample(operations, f"{kind} {first}"):
        prepare()
        outcome = bench.run(work, Fault(kind, at))
        ends["killed" if outcome.was_killed else "told" if outcome.status else "went on"] += 1
        place = f"{kind} at operation {at} of {len(operations)}, {outcome.operations[at - 1]}"
        found += [f"{place}: {diagnostic}" for diagnostic in bench.problems_after(work, outcome, first)]
    print(f"{'first' if first else 'later'} build, {kind}: {len(operations)} operations, {dict(ends)}")
    return "\n".join(found)


@pytest.mark.parametrize("kind", [KILL, FULL, *ONCE])
def test_a_later_build_that_meets_a_fault_loses_nothing_and_the_next_makes_everything_good(
    bench: Bench, kind: str
) -> None:
    assert try_faults(bench, kind, False) == ""


@pytest.mark.parametrize("kind", [KILL, FULL, *ONCE])
def test_a_first_build_that_meets_a_fault_is_made_good_by_the_next(bench: Bench, kind: str) -> None:
    assert try_faults(bench, kind, True) == ""


@pytest.mark.parametrize("first", [False, True], ids=["later", "first"])
def test_a_build_with_workers_that_is_killed_takes_them_along_and_the_next_makes_everything_good(
    bench: Bench, first: bool
) -> None:
    work = bench.work("workers")
    moments = sample(bench.run(bench.copy_of_old(work), executor=PROCESSES).operations, str(first))
    for at in moments[:3] if TRIALS != "all" else moments:
        shutil.rmtree(work)
        bench.work("workers") if first else bench.copy_of_old(work)

        outcome = bench.run(work, Fault(KILL, at), PROCESSES)

        assert outcome.was_killed or (outcome.status == 0 and at > len(outcome.operations))
        assert list(bench.problems_after(work, outcome, first)) == []


def test_a_worker_that_is_killed_is_replaced_and_nothing_is_lost(bench: Bench) -> None:
    work = bench.copy_of_old(bench.work("worker"))

    outcome = bench.run(work, Fault(KILL, 1, in_workers=True), PROCESSES)

    assert outcome.status == 0, outcome.said
    assert list(bench.problems_after(work, outcome)) == []


def test_an_output_that_cannot_be_written_to_is_told_and_stays_as_it_is(bench: Bench) -> None:
    work = bench.copy_of_old(bench.work("read-only"))

    outcome = bench.run(work, Fault(READ_ONLY, 1))

    assert outcome.status == 1
    assert bench.built("read-only").tree() == bench.old.tree()
    assert list(bench.problems_after(work, outcome)) == []


@pytest.mark.parametrize("lost", ["pages", "the state's log", "both"])
def test_what_a_power_cut_takes_of_a_killed_build_is_made_good_by_the_next(bench: Bench, lost: str) -> None:
    work = bench.copy_of_old(bench.work("power"))
    operations = bench.run(work).operations
    bench.copy_of_old(work)
    outcome = bench.run(work, Fault(KILL, len(operations) * 3 // 4))
    if lost != "the state's log":
        changed = [path for path, data in bench.built("power").tree().items() if bench.old.tree().get(path) != data]
        for number, path in enumerate(changed):  # that were moved into place, and whose bytes never came to the disk
            os.truncate(work / "output" / path, 0 if number % 2 else (work / "output" / path).stat().st_size // 2)
        assert changed
    if lost != "pages":
        (work / "cache/build.sqlite-wal").unlink()

    assert outcome.was_killed
    assert bench.run(work).status == 0
    assert differences(bench.built("power"), bench.new) == []


@pytest.fixture
def small_disk(bench: Bench) -> Iterator[Path]:
    """A disk of 16 MB, as a folder to build in."""
    work = bench.work("disk")
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=16m", "none", work], capture_output=True, check=False)
    if mounted.returncode:
        pytest.skip(f"skipped: {mounted.stderr.decode().strip()} (the layer of faults fills disks without)")
    yield work
    subprocess.run(["umount", work], check=True)


def fill(disk: Path, free: int) -> None:
    """Leave so many bytes."""
    room = os.statvfs(disk)
    with (disk / "ballast").open("wb") as ballast:
        ballast.truncate(0)
        os.posix_fallocate(ballast.fileno(), 0, max(1, room.f_bavail * room.f_frsize - free))


@pytest.mark.parametrize("first", [False, True], ids=["later", "first"])
def test_a_real_disk_that_is_full_is_told_at_every_stage_and_loses_nothing(
    bench: Bench, small_disk: Path, first: bool
) -> None:
    count = 200 if TRIALS == "all" else int(TRIALS)
    ends: Counter[str] = Counter()
    for share in (number / count for number in range(count)):
        for path in small_disk.iterdir():
            shutil.rmtree(path) if path.is_dir() else path.unlink()
        if not first:
            shutil.copytree(bench.work("old"), small_disk, dirs_exist_ok=True)
        fill(small_disk, int(share * (2_200_000 if first else 700_000)))

        outcome = bench.run(small_disk)
        (small_disk / "ballast").unlink()

        ends["told" if outcome.status else "went on"] += 1
        assert list(bench.problems_after(small_disk, outcome, first)) == [], share
    print(f"{'first' if first else 'later'} build on a small disk: {dict(ends)}")
    assert ends["told"]


def test_a_real_disk_that_is_read_only_is_told_and_stays_as_it_is(bench: Bench, small_disk: Path) -> None:
    shutil.copytree(bench.work("old") / "output", small_disk / "output")
    elsewhere = bench.work("elsewhere")
    shutil.copytree(bench.work("old") / "cache", elsewhere / "cache")
    (elsewhere / "output").symlink_to(small_disk / "output")
    subprocess.run(["mount", "-o", "remount,ro", small_disk], check=True)

    outcome = bench.run(elsewhere)

    subprocess.run(["mount", "-o", "remount,rw", small_disk], check=True)
    assert outcome.status == 1
    assert "Read-only file system — choose a folder that you can write to" in outcome.said
    assert "Traceback" not in outcome.said
    assert bench.built("elsewhere").tree() == bench.old.tree()
