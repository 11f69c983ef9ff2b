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
from typing import Any

import pytest
from msgspec.structs import replace

from newsarchive.cache.build_cache import BuildCache, OutputFile, TargetRecord
from newsarchive.cache.database import add_checksum, verify_checksum
from newsarchive.cache.serialization import from_bytes, to_bytes

from .fault_injection import Outcome
from .test_faults import Bench
from .test_incremental import differences

DAMAGES = int(os.environ.get("DAMAGES", "4"))

STATE, IMAGES = "build.sqlite", "images.sqlite"

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
            state.store_targets(cache.parent / "output", {path: TargetRecord({"x": b"x"}, (OutputFile(path, 1, 1),))})
            state.commit()

    return attack


def targets(change: Callable[[str, TargetRecord], TargetRecord | None], *names: str) -> Attack:
    """Records of targets are others, with right checksums: all, or those of `names`."""

    def attack(cache: Path, _: Path) -> None:
        output = cache.parent / "output"
        with closing(BuildCache(cache)) as state:
            changed = {name: change(name, known) for name, known in state.targets(output).items()}
            records = {name: record for name, record in changed.items() if record and (not names or name in names)}
            assert records
            state.store_targets(output, records)
            state.commit()

    return attack


def of_segments(value: Callable[[bytes], bytes]) -> Attack:
    """The values of all segments of the search are others; the manifest is made of them again."""

    def change(name: str, record: TargetRecord) -> TargetRecord | None:
        if name == "search":
            return replace(record, inputs={"segments": b"x"})
        return replace(record, value=value(record.value)) if record.value else None

    return targets(change)


def entry_of_segment(**fields: object) -> Attack:
    """The entries of all segments in the search's manifest have other fields; None takes one away."""

    def change(value: bytes) -> bytes:
        entry = {**from_bytes(value, dict[str, Any]), **fields}
        return to_bytes({name: each for name, each in entry.items() if each is not None})

    return of_segments(change)


# --- Facts and records with right checksums, and values of another kind


def fact(name: str, value: object) -> Attack:
    """A fact of another form; bytes are kept as they are."""

    def attack(cache: Path, _: Path) -> None:
        with closing(BuildCache(cache)) as state:
            state.set_value(name, value if isinstance(value, bytes) else to_bytes(value))
            state.commit()

    return attack


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


def with_file(record: TargetRecord, path: str) -> TargetRecord:
    """The same record with a file more."""
    return replace(record, files=(*record.files, OutputFile(path, 1, 1)))


_CONVERTED = "lower(hex(profile)), sha256"  # the key of what is sealed in the table `conversions`

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
    "a name that is not text": sql("UPDATE targets SET name = CAST(x'ff' || name AS BLOB)"),
    "a name in no encoding": sql("UPDATE targets SET name = CAST(x'fffe' || name AS TEXT)"),
    "another name": sql("UPDATE targets SET name = '../../outside/victim.txt' WHERE name = 'index.html'"),
    "another folder": sql("UPDATE targets SET folder = '../other'"),
    "no record of a file": sql("UPDATE targets SET record = NULL"),
    "a number for a record": sql("UPDATE targets SET record = 1"),
    "text for a record": sql("UPDATE targets SET record = 'x'"),
    "an empty record": sql("UPDATE targets SET record = x''"),
    "a sealed record that is no JSON": record("targets", "record", "folder, name", lambda _: b"\xff"),
    "a sealed record of other types": record("targets", "record", "folder, name", lambda _: b'["","x",null]'),
    "a sealed record of too many digits": record(
        "targets", "record", "folder, name", lambda _: b'[{},[["x",' + b"9" * 5_000 + b",1]]]"
    ),
    "targets that are nested for ever": record("targets", "record", "folder, name", lambda _: b"[" * 100_000),
    "targets of no inputs": targets(lambda _, known: replace(known, inputs={})),
    "targets of other inputs": targets(lambda _, known: replace(known, inputs=dict.fromkeys(known.inputs, b"x"))),
    "targets with the inputs of another": targets(
        lambda _, known: replace(known, inputs={"template": b"x", "../../outside/victim.txt": b""})
    ),
    "targets without files": targets(lambda _, known: replace(known, files=())),
    "a page without its file": targets(lambda _, known: replace(known, files=()), "index.html"),
    "a page with the file of another": targets(
        lambda _, known: replace(known, files=(OutputFile("search.html", 1, 1),)), "index.html"
    ),
    "a page with a file more, of another": targets(lambda _, known: with_file(known, "search.html"), "index.html"),
    "a page with a file more, outside": targets(
        lambda _, known: with_file(known, "../../outside/victim.txt"), "index.html"
    ),
    "a page with a file more, that no disk takes": targets(lambda _, known: with_file(known, "x" * 300), "index.html"),
    "files of sizes below nothing": targets(
        lambda _, known: replace(known, files=tuple(OutputFile(file.path, -(2**62), -1) for file in known.files))
    ),
    "targets of finer ones that are not there": targets(lambda _, known: replace(known, targets=("nothing",))),
    "targets of finer ones that are pages": targets(
        lambda name, known: replace(known, targets=("index.html", "search.html")) if known.targets else None
    ),
    "a page of finer ones, which are other pages": targets(
        lambda _, known: replace(known, targets=("search.html", "404.html")), "index.html"
    ),
    "targets that consist of themselves": targets(lambda name, known: replace(known, targets=(name, name))),
    "lists without their pages": targets(lambda _, known: replace(known, targets=()) if known.targets else None),
    "no values of segments": of_segments(lambda _: b""),
    "values of segments that are no JSON": of_segments(lambda _: b"x"),
    "values of segments of other types": of_segments(lambda _: b"[1]"),
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
    "fingerprints that are no JSON": record("articles", "fingerprints", "source, publication", lambda _: b"x"),
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
        "collection",
        {"slugs": {"财经": "../../../outside/x", "晨报": "..", "要闻": "/x"}, "coverage": {}},
    ),
    "no JSON for what is known": fact("collection", b"\xff{"),
    "other types for what is known": fact("collection", {"slugs": [], "coverage": 1}),
    "no JSON for addresses": fact("addresses of images, by digest of the body", b"x"),
    "a segment without anything": of_segments(lambda _: b"{}"),
    "a segment of types that make no sense": entry_of_segment(name=1, documents="x", shards=[]),
    "a segment of more files than there is memory for": entry_of_segment(documents=10**15),
    "a segment that leads elsewhere": entry_of_segment(name="../../outside"),
    "a segment without a name": entry_of_segment(name=None),
    "no JSON for the site": fact("site", b"x"),
    "a site of other types": fact("site", {"name": 1}),
    "no JSON for the report": fact("report", b"x"),
    "a report of other types": fact("report", {"summary": 1, "messages": ["x", [["shout", "x"]], 1]}),
    "a report of levels that are none": fact("report", {"summary": "x", "messages": [["shout", "x"]], "articles": 1}),
    "no JSON for the list of files": fact("files of the last build in ../output", b"x"),
    "a list of files that leads elsewhere": fact(
        "files of the last build in ../output", [["../outside/victim.txt", 4, 1]]
    ),
    "a view in the place of a table": sql(
        "ALTER TABLE targets RENAME TO o",
        "CREATE VIEW targets AS SELECT folder, '../../outside/victim.txt' AS name, record FROM o",
    ),
    "a view that never ends": sql(
        "DROP TABLE dirty_publications",
        "CREATE VIEW dirty_publications AS WITH RECURSIVE n(publication) AS (SELECT 'x' UNION ALL SELECT 'x' FROM n)"
        " SELECT publication, x'' AS checksum FROM n",
    ),
    "a trigger": sql("CREATE TRIGGER t AFTER INSERT ON key_values BEGIN DELETE FROM targets; END"),
    "a table more": sql("CREATE TABLE more (x)"),
    "a table less": sql("DROP TABLE dirty_publications"),
    "a column more": sql("ALTER TABLE targets ADD COLUMN x DEFAULT 1"),
    "an index less": sql("DROP INDEX by_publication"),
    "a virtual table": sql("CREATE VIRTUAL TABLE v USING fts5(x)"),
    "a schema that SQLite cannot read": sql("UPDATE sqlite_master SET sql = 'CREATE TABLE' WHERE name = 'targets'"),
    "a schema in no encoding": sql("UPDATE sqlite_master SET sql = CAST(x'ff' || sql AS TEXT) WHERE name = 'targets'"),
    "roots of tables exchanged": sql(
        "UPDATE sqlite_master SET rootpage = (SELECT rootpage FROM sqlite_master WHERE name = 'key_values')"
        " WHERE name = 'targets'"
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
    "pictures without a record": sql("UPDATE conversions SET record = NULL", of=IMAGES),
    "pictures that were seen at no time": sql("UPDATE verified_files SET record = 'x'", of=IMAGES),
    "pictures that lead elsewhere": record(
        "conversions", "record", _CONVERTED, lambda made: made.replace(b'"webp"', b'"/../../../../outside/x"'), IMAGES
    ),
    "pictures of no variants": record(
        "conversions",
        "record",
        _CONVERTED,
        lambda made: b'{"files":[]' + made[made.index(b',"width":', made.index(b"]")) :],
        IMAGES,
    ),
    "pictures of other types": record("conversions", "record", _CONVERTED, lambda _: b'{"files":1}', IMAGES),
    "pictures that are text": sql("UPDATE variants SET data = 'x'", of=IMAGES),
    "pictures that are a view": sql("DROP TABLE conversions", "CREATE VIEW conversions AS SELECT 1 AS x", of=IMAGES),
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
