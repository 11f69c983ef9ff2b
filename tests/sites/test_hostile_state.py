"""The build state may be damaged, or made by somebody who means harm: no file outside the output is touched, there is
no traceback, and the output is that of a clean build.

More random damages at will: DAMAGES=1000 pytest tests/sites/test_hostile_state.py.
"""

from __future__ import annotations

import os
import random
import shutil
import sqlite3
import struct
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from newsarchive.cache.build_cache import BuildCache, OutputRecord
from newsarchive.cache.database import add_checksum, verify_checksum
from newsarchive.cache.serialization import to_bytes

from .fault_injection import Outcome
from .test_faults import Bench
from .test_incremental import differences

DAMAGES = int(os.environ.get("DAMAGES", "4"))

STATE, IMAGES = "build.sqlite", "pictures.sqlite"

Attack = Callable[[Path, Path], None]
"""What is done to the state in a cache folder; the second path is a file outside the output."""


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    """One for all."""
    bench = Bench(tmp_path_factory.mktemp("bench"))
    yield bench
    bench.builds.close()


# --- Paths of the output that lead elsewhere, with right checksums


def output_file(name: str) -> Attack:
    """A file that an earlier build is said to have written; "{victim}" is the path of the one outside."""

    def attack(cache: Path, victim: Path) -> None:
        with closing(BuildCache(cache)) as state:
            path = name.format(victim=victim)
            state.store_outputs(cache.parent / "output", {path: OutputRecord(b"x" * 16, 1, 1)})
            state.commit()

    return attack


# --- Facts and records with right checksums, and values of another kind


def fact(name: str, value: object) -> Attack:
    """A fact of another form; bytes are kept as they are."""

    def attack(cache: Path, _: Path) -> None:
        with closing(BuildCache(cache)) as state:
            state.set_value(name, value if isinstance(value, bytes) else to_bytes(value))
            state.commit()

    return attack


def segment(**described: object) -> Attack:
    """A segment of the search that an earlier build is said to have written."""
    return fact("segments of the search", {"x": {"digest": "x", "described": described}})


def groups(value: object) -> Attack:
    """Which groups of files an earlier build made of what."""
    return fact("groups of ../output", value)


def record(table: str, column: str, key: str, change: Callable[[bytes], bytes], of: str = STATE) -> Attack:
    """Values of a column are others, with right checksums; these are made of the columns of `key`."""

    def attack(cache: Path, _: Path) -> None:
        with closing(sqlite3.connect(cache / of)) as connection, connection:
            connection.create_function(
                "changed", -1, lambda sealed, *key: add_checksum(change(verify_checksum(sealed, *key)), *key)
            )
            connection.execute(f"UPDATE {table} SET {column} = changed({column}, {key}) WHERE {column} NOT NULL")

    return attack


# --- SQL: rows, tables and a schema that are not ours


def sql(*statements: str, of: str = STATE) -> Attack:
    """Whatever SQLite can be made to hold."""

    def attack(cache: Path, _: Path) -> None:
        with closing(sqlite3.connect(cache / of)) as connection, connection:
            connection.execute("PRAGMA writable_schema = ON")
            for statement in statements:
                connection.execute(statement)

    return attack


# --- Files


def patched(place: int, data: bytes, of: str = STATE) -> Attack:
    """Bytes of the file are others."""

    def attack(cache: Path, _: Path) -> None:
        with (cache / of).open("r+b") as file:
            file.seek(place)
            file.write(data)

    return attack


def schema_byte(cache: Path, _: Path) -> None:
    """One byte of the schema's text is no UTF-8."""
    path = cache / "build.sqlite"
    data = path.read_bytes()
    path.write_bytes(data.replace(b"CREATE TABLE bodies", b"CREATE TABLE b\xffdies"))


def link(ending: str, of: str = STATE) -> Attack:
    """A file of the database is a link to the one outside."""

    def attack(cache: Path, victim: Path) -> None:
        path = cache / f"{of}{ending}"
        path.unlink(missing_ok=True)
        path.symlink_to(victim)

    return attack


def pipe(ending: str) -> Attack:
    """A file of the database is a pipe, from which nobody will ever read."""

    def attack(cache: Path, _: Path) -> None:
        path = cache / f"build.sqlite{ending}"
        path.unlink(missing_ok=True)
        os.mkfifo(path)

    return attack


def journal(cache: Path, victim: Path) -> None:
    """A rollback journal that names another one, which SQLite deletes when it has rolled back."""
    magic, name = bytes.fromhex("d9d505f920a163d7"), str(victim).encode()
    pages = (cache / "build.sqlite").stat().st_size // 32_768
    head = (magic + struct.pack(">IIIII", 0, 0, pages, 512, 32_768)).ljust(512, b"\0")
    checksum = sum(struct.unpack(f"{len(name)}b", name)) & 0xFFFFFFFF
    ending = struct.pack(">I", 0x40000000 // 32_768 + 1) + name + struct.pack(">II", len(name), checksum) + magic
    (cache / "build.sqlite-journal").write_bytes(head + ending)


_MADE = "lower(hex(recipe)), sha256"  # the key of what is sealed in the table `made`

ATTACKS: dict[str, Attack] = {
    "a path with two dots": output_file("../../outside/victim.txt"),
    "an absolute path": output_file("{victim}"),
    "a path that goes up on its way": output_file("theme/../../../outside/victim.txt"),
    "a path with backslashes": output_file("..\\..\\outside\\victim.txt"),
    "a path with NUL": output_file("x\0y"),
    "an empty path": output_file(""),
    "the folder itself": output_file("."),
    "the folder above": output_file(".."),
    "a name that no disk takes": output_file("x" * 5_000),
    "a folder in the place of a file": output_file("theme"),
    "a file in the place of a folder": output_file("index.html/x"),
    "a path that is not text": sql("UPDATE outputs SET path = CAST(x'ff' || path AS BLOB)"),
    "a path in no encoding": sql("UPDATE outputs SET path = CAST(x'fffe' || path AS TEXT)"),
    "another path": sql("UPDATE outputs SET path = '../../outside/victim.txt' WHERE path = 'index.html'"),
    "another folder": sql("UPDATE outputs SET folder = '../other'"),
    "no record of a file": sql("UPDATE outputs SET record = NULL"),
    "a number for a record": sql("UPDATE outputs SET record = 1"),
    "text for a record": sql("UPDATE outputs SET record = 'x'"),
    "an empty record": sql("UPDATE outputs SET record = x''"),
    "a sealed record that is no JSON": record("outputs", "record", "folder, path", lambda _: b"\xff"),
    "a sealed record of other types": record("outputs", "record", "folder, path", lambda _: b'["","x",null]'),
    "a sealed record of too many digits": record(
        "outputs", "record", "folder, path", lambda _: b'["",' + b"9" * 5_000 + b",1]"
    ),
    "files of other sizes": record("files", "record", "source", lambda _: b'["",-1,"",{},[],"",""]'),
    "times of files beyond all": record(
        "files", "record", "source", lambda _: to_bytes([2**60, -(2**60), 2**63, 0, b"", b""])
    ),
    "no record of files": sql("UPDATE files SET record = zeroblob(100)"),
    "cards that are no JSON": record("cards", "card", "source", lambda _: b"x"),
    "cards of other types": record("cards", "card", "source", lambda _: b'{"source":1}'),
    "cards that are nested for ever": record("cards", "card", "source", lambda _: b"[" * 100_000),
    "cards with addresses elsewhere": record(
        "cards", "card", "source", lambda card: card.replace(b'"url":"2', b'"url":"../../outside/2') if card else card
    ),
    "cards that are not there": sql("DELETE FROM cards WHERE rowid % 2"),
    "cards under other names": sql("UPDATE cards SET source = source || 'x'"),
    "evidence that is no JSON": record("articles", "fingerprints", "source, publication", lambda _: b"x"),
    "rejections that are no JSON": record("articles", "rejection", "source", lambda _: b"x"),
    "verdicts that are numbers": sql("UPDATE articles SET repeated_marks = 5"),
    "verdicts without a checksum": sql("UPDATE articles SET repeated_marks = x'00'"),
    "publications that are numbers": sql("UPDATE articles SET publication = 7 WHERE publication NOT NULL"),
    "publications of others": sql("UPDATE articles SET publication = '晨报' WHERE publication NOT NULL"),
    "touched publications in no encoding": sql(
        "INSERT INTO dirty_publications VALUES (CAST(x'ff' AS TEXT), x'00000000')"
    ),
    "touched publications without a checksum": sql("INSERT INTO dirty_publications VALUES ('晨报', NULL)"),
    "bodies of others": sql("UPDATE bodies SET body = (SELECT body FROM bodies ORDER BY rowid LIMIT 1)"),
    "terms of others": sql("UPDATE terms SET terms = (SELECT terms FROM terms ORDER BY rowid LIMIT 1)"),
    "facts of others": sql("UPDATE key_values SET value = (SELECT value FROM key_values WHERE name = 'cleaning')"),
    "no format": sql("UPDATE key_values SET value = NULL WHERE name = 'format'"),
    "slugs that lead elsewhere": fact(
        "known from the last collection",
        {"slugs": {"财经": "../../../outside/x", "晨报": "..", "要闻": "/x"}, "coverage": {}},
    ),
    "no JSON for what is known": fact("known from the last collection", b"\xff{"),
    "other types for what is known": fact("known from the last collection", {"slugs": [], "coverage": 1}),
    "no JSON for addresses": fact("addresses of pictures, by body", b"x"),
    "groups that are a list": groups([1]),
    "groups that are no JSON": groups(b"{"),
    "a segment without anything": segment(),
    "a segment of types that make no sense": segment(name=1, documents="x", shards=[]),
    "a segment of more files than there is memory for": segment(name="x", documents=10**15, shards=""),
    "a segment that leads elsewhere": segment(name="../../outside", documents=9, shards=""),
    "no JSON for segments": fact("segments of the search", b"x"),
    "no JSON for the site": fact("site", b"x"),
    "a site of other types": fact("site", {"name": 1}),
    "no JSON for what is told": fact("told", b"x"),
    "other things to tell": fact("told", ["x", [["shout", "x"]], 1]),
    "a view in the place of a table": sql(
        "ALTER TABLE outputs RENAME TO o",
        "CREATE VIEW outputs AS SELECT folder, '../../outside/victim.txt' AS path, record FROM o",
    ),
    "a view that never ends": sql(
        "DROP TABLE dirty_publications",
        "CREATE VIEW dirty_publications AS WITH RECURSIVE n(publication) AS (SELECT 'x' UNION ALL SELECT 'x' FROM n)"
        " SELECT publication, x'' AS checksum FROM n",
    ),
    "a trigger": sql("CREATE TRIGGER t AFTER INSERT ON key_values BEGIN DELETE FROM outputs; END"),
    "a table more": sql("CREATE TABLE more (x)"),
    "a table less": sql("DROP TABLE dirty_publications"),
    "a column more": sql("ALTER TABLE outputs ADD COLUMN x DEFAULT 1"),
    "an index less": sql("DROP INDEX by_publication"),
    "a virtual table": sql("CREATE VIRTUAL TABLE v USING fts5(x)"),
    "a schema that SQLite cannot read": sql("UPDATE sqlite_master SET sql = 'CREATE TABLE' WHERE name = 'outputs'"),
    "a schema in no encoding": sql("UPDATE sqlite_master SET sql = CAST(x'ff' || sql AS TEXT) WHERE name = 'outputs'"),
    "roots of tables exchanged": sql(
        "UPDATE sqlite_master SET rootpage = (SELECT rootpage FROM sqlite_master WHERE name = 'key_values')"
        " WHERE name = 'outputs'"
    ),
    "a byte of the schema": schema_byte,
    "a database that is said to be read-only": patched(18, b"\x09"),
    "a database that is said to be of the future": patched(19, b"\x09"),
    "another size of pages": patched(16, b"\x02\x00"),
    "another encoding": patched(59, b"\x02"),
    "a head of zeros": patched(0, bytes(100)),
    "a state that is a link": link(""),
    "a log that is a link": link("-wal"),
    "shared memory that is a link": link("-shm"),
    "a journal that is a link": link("-journal"),
    "a state that is a pipe": pipe(""),
    "a log that is a pipe": pipe("-wal"),
    "a journal that names a file": journal,
    "pictures without a record": sql("UPDATE made SET record = NULL", of=IMAGES),
    "pictures that were seen at no time": sql("UPDATE seen SET record = 'x'", of=IMAGES),
    "pictures that lead elsewhere": record(
        "made", "record", _MADE, lambda made: made.replace(b'"webp"', b'"/../../../../outside/x"'), IMAGES
    ),
    "pictures of no variants": record(
        "made",
        "record",
        _MADE,
        lambda made: b'{"files":[]' + made[made.index(b',"width":', made.index(b"]")) :],
        IMAGES,
    ),
    "pictures of other types": record("made", "record", _MADE, lambda _: b'{"files":1}', IMAGES),
    "pictures that are text": sql("UPDATE variants SET data = 'x'", of=IMAGES),
    "pictures that are a view": sql("DROP TABLE made", "CREATE VIEW made AS SELECT 1 AS x", of=IMAGES),
    "pictures that are said to be read-only": patched(18, b"\x09", IMAGES),
    "pictures that are a link": link("", IMAGES),
    "shared memory of pictures that is a link": link("-shm", IMAGES),
}


def build_with(bench: Bench, name: str, start: str, attack: Attack) -> tuple[Outcome, str]:
    """Build the changed site where the state was attacked; and everything that is not as it must be. `start` is "old"
    for a state of the site as it was before, "new" for one that is up to date."""
    work = bench.work(name)
    shutil.rmtree(work)
    shutil.copytree(bench.work(start), work)
    outside = bench.site.folder / "outside"
    victim = outside / "victim.txt"
    outside.mkdir(exist_ok=True)
    victim.write_text("mine", "utf-8")
    attack(work / "cache", victim)

    outcome = bench.run(work)

    found = [f"changed {path}" for path in outcome.changed if not path.startswith((f"{work}/", "/dev/null"))]
    if {path.name: path.read_text("utf-8") for path in outside.iterdir()} != {"victim.txt": "mine"}:
        found.append("what is outside changed")
    if outcome.status or "Traceback" in outcome.said:
        found.append(f"ended in {outcome.status}: {outcome.said[-1_000:]}")
    else:
        found += [f"not as in a clean build: {path}" for path in differences(bench.built(name), bench.new)]
    return outcome, "\n".join(found)


@pytest.mark.parametrize("start", ["old", "new"])
@pytest.mark.parametrize("name", ATTACKS)
def test_whatever_stands_in_the_state_a_build_is_a_clean_one_and_touches_nothing_outside(
    bench: Bench, name: str, start: str
) -> None:
    assert build_with(bench, "attacked", start, ATTACKS[name])[1] == ""


def damage_at_random(dice: random.Random) -> Attack:
    """A bit, a few bytes, or a stretch of the file is another."""

    def attack(cache: Path, _: Path) -> None:
        path = cache / "build.sqlite"
        data = bytearray(path.read_bytes())
        kind = dice.choice(["bit", "byte", "bytes", "zeros"])
        place = dice.randrange(len(data))
        if kind == "bit":
            data[place] ^= 1 << dice.randrange(8)
        else:
            length = {"byte": 1, "bytes": dice.randrange(2, 40), "zeros": 512}[kind]
            data[place : place + length] = bytes(length) if kind == "zeros" else dice.randbytes(length)
        path.write_bytes(data)

    return attack


@pytest.mark.parametrize("start", ["old", "new"])
def test_a_state_that_is_damaged_anywhere_gives_a_clean_build(bench: Bench, start: str) -> None:
    found = []
    for seed in range(DAMAGES):
        outcome, diagnostics = build_with(bench, "damaged", start, damage_at_random(random.Random(f"{start} {seed}")))
        found += [f"damage {seed}: {diagnostics}"] if diagnostics else []
        print(start, seed, "starting with a new one" in outcome.said)
    assert found == []
