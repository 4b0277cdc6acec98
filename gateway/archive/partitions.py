"""The archive as Parquet files that Spark, Polars or DuckDB read: a folder for each table, by month (Hive partitions).

`samples/month=2026-06/2026-06-11.parquet` has the samples of a day, sorted by tag and time; a file of another table has
a month. Days and months are UTC. Each row has its stream and number, by which its proof is found. Columns are those of
the archive; times stay UTC microseconds, unique ids are text. `_manifest.json` has each file with its rows and SHA-256:
it is written last, so what it names is there. A file is written under another name first; only what changed since the
manifest is written again.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from hashlib import file_digest
from pathlib import Path

from gateway.archive.queries import Queries
from gateway.archive.tables import OF_RECORDS

MANIFEST = "_manifest.json"
DAY = 86_400_000_000
NO_MONTH = "__HIVE_DEFAULT_PARTITION__"
"""Where rows are that tell no time, as Hive names it."""
TIMES = ("time", "began", "received")
"""The first of these that a table has says in which month a row is."""
_PLAIN = {"UUID": "VARCHAR", "UINTEGER": "BIGINT"}
"""Types that not every reader of Parquet knows, and what is written instead."""

Columns = Mapping[str, str]
"""Types by the names of a table's columns."""


@dataclass(frozen=True, slots=True)
class Part:
    """A file to be: what of a table, where, and a mark that changes when any of its rows does."""

    file: str
    table: str
    where: str
    rows: int
    mark: str


@dataclass(frozen=True, slots=True)
class Written:
    """A file of the manifest; `sha256` is in hexadecimal, `octets` its size."""

    file: str
    rows: int
    sha256: str
    octets: int
    mark: str


@dataclass(frozen=True, slots=True)
class Progress:
    """After each file: how many of those that had to be written are, and the one that was written last."""

    done: int
    of: int
    file: str


def write_partitions(archive: Queries, folder: Path) -> Iterator[Progress]:
    """Bring the folder to what the archive has now. Raises OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    before = {one.file: one for one in manifest_in(folder)}
    columns = _columns(archive)
    parts = [*_days(archive), *(part for table in OF_RECORDS for part in _months(archive, table, columns[table]))]
    kept = {part.file: before[part.file] for part in parts if _stands(folder, before.get(part.file), part)}
    changed = [part for part in parts if part.file not in kept]
    for done, part in enumerate(changed, 1):
        kept[part.file] = _write(archive, folder, part, columns[part.table])
        yield Progress(done, len(changed), part.file)
    _put_manifest(folder, [kept[file] for file in sorted(kept)])
    for file in before.keys() - kept.keys():
        (folder / file).unlink(missing_ok=True)


def manifest_in(folder: Path) -> Sequence[Written]:
    """The files of an earlier run; none where there was none. Raises ValueError for what is no manifest."""
    file = folder / MANIFEST
    if not file.exists():
        return []
    try:
        return [Written(**one) for one in json.loads(file.read_bytes())["files"]]
    except (KeyError, TypeError) as error:
        raise ValueError(f"{file} is no manifest of this program") from error


def _stands(folder: Path, written: Written | None, part: Part) -> bool:
    return written is not None and written.mark == part.mark and (folder / part.file).is_file()


def _days(archive: Queries) -> Iterator[Part]:
    """Days of samples: frames are never changed, only added and taken out, so their numbers tell every change."""
    day_of = f"(time - ((time % {DAY}) + {DAY}) % {DAY}) // {DAY}"
    sql = f"""SELECT {day_of} AS day, count(*), max(frame), sum(frame)::VARCHAR FROM readings
        GROUP BY day ORDER BY day"""
    for day, rows, last, frames in archive.rows(sql):
        date = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(days=day)
        file = f"samples/month={date:%Y-%m}/{date:%Y-%m-%d}.parquet"
        where = f"time >= {day * DAY} AND time < {(day + 1) * DAY}"
        yield Part(file, "samples", where, rows, f"{rows} {last} {frames}")


def _months(archive: Queries, table: str, columns: Columns) -> Iterator[Part]:
    time = next((f'"{name}"' for name in TIMES if columns.get(name) == "BIGINT"), "NULL")
    month = f"coalesce(strftime(make_timestamp({time}), '%Y-%m'), '{NO_MONTH}')"
    sql = f"""SELECT {month} AS month, count(*), sum(hash(one))::VARCHAR FROM {table} AS one
        GROUP BY month ORDER BY month"""
    for name, rows, hashes in archive.rows(sql):
        file = f"{table}/month={name}/{table}.parquet"
        yield Part(file, table, f"{month} = '{name}'", rows, f"{rows} {hashes}")


def _write(archive: Queries, folder: Path, part: Part, columns: Columns) -> Written:
    """One file, in place of what stood under its name."""
    file = folder / part.file
    file.parent.mkdir(parents=True, exist_ok=True)
    unfinished = file.with_suffix(".unfinished")
    chosen = ", ".join(_plainly(name, kind) for name, kind in columns.items())
    order = "tag, time, stream, number" if part.table == "samples" else "stream, number"
    name = str(unfinished).replace("'", "''")
    ((rows,),) = archive.rows(f"""COPY (SELECT {chosen} FROM {part.table} WHERE {part.where} ORDER BY {order})
        TO '{name}' (FORMAT parquet, COMPRESSION zstd)""")
    with unfinished.open("rb") as content:
        digest = file_digest(content, "sha256").hexdigest()
    octets = unfinished.stat().st_size
    unfinished.replace(file)
    return Written(part.file, rows, digest, octets, part.mark)


def _columns(archive: Queries) -> dict[str, Columns]:
    """Of each table and view, in their order."""
    sql = "SELECT table_name, column_name, data_type FROM duckdb_columns() ORDER BY table_name, column_index"
    found: dict[str, dict[str, str]] = {}
    for table, column, kind in archive.rows(sql):
        found.setdefault(table, {})[column] = kind
    return dict(found)


def _plainly(name: str, kind: str) -> str:
    return f'"{name}"::{_PLAIN[kind]} AS "{name}"' if kind in _PLAIN else f'"{name}"'


def _put_manifest(folder: Path, files: Sequence[Written]) -> None:
    unfinished = folder / f"{MANIFEST}.unfinished"
    text = json.dumps({"times": "UTC microseconds", "files": [asdict(one) for one in files]}, indent=1)
    unfinished.write_text(text, encoding="utf-8")
    unfinished.replace(folder / MANIFEST)
