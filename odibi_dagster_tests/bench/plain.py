"""Runs the plain script in one process: each table computed, written, read back and checked."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from uuid import uuid4

import duckdb

Table = Mapping[str, Any]
#: Writes a table's rows below a folder, and gives the SQL that reads them again.
Writer = Callable[[duckdb.DuckDBPyConnection, Table, Path], str]


def main() -> None:
    """`plain.py WRITER SCRIPT FOLDER [MEMORY_LIMIT]`; prints rows and violations by table as JSON."""
    writer, script, folder, *limit = sys.argv[1:]
    connection = duckdb.connect(config={"preserve_insertion_order": False})
    if limit:
        connection.execute(f"SET memory_limit = '{limit[0]}'")
    plan = json.loads(Path(script).read_text())
    for statement in plan["start"]:
        connection.execute(statement)
    told = {t["name"]: make(connection, t, Path(folder) / t["name"], WRITERS[writer]) for t in plan["tables"]}
    print(json.dumps(told))


def make(
    connection: duckdb.DuckDBPyConnection, table: Table, folder: Path, writer: Writer
) -> dict[str, object]:
    """Writes one table, counts what its expectations ask for, and drops the rows that they say."""
    view(connection, table, writer(connection, table, folder))
    name, asked = table["name"], {"rows in all": "count(*)", **table["rows"]}
    counts = connection.execute(f'SELECT {", ".join(asked.values())} FROM "{name}"').fetchall()[0]
    found = dict(zip(asked, map(int, counts), strict=True))
    for check, query in table["checks"].items():
        found[check] = int(connection.execute(query).fetchall()[0][0])
    if table["drop"] and any(found[rule] for rule in table["rows"]):
        dropped = DROPS[writer](connection, table, folder)
        found["rows in all"] -= dropped
    return found


def view(connection: duckdb.DuckDBPyConnection, table: Table, source: str) -> None:
    """Gives the table's rows its name."""
    connection.execute(f'CREATE OR REPLACE VIEW "{table["name"]}" AS SELECT * FROM {source}')


def copy(connection: duckdb.DuckDBPyConnection, table: Table, folder: Path) -> str:
    """Parquet files by COPY, with the platform's compression."""
    _copy(connection, table["query"], table, folder)
    return _files(table, f"['{folder}/**/*.parquet']")


def _copy(connection: duckdb.DuckDBPyConnection, query: str, table: Table, folder: Path) -> None:
    folder.parent.mkdir(parents=True, exist_ok=True)
    options = ["FORMAT parquet", "COMPRESSION zstd", "COMPRESSION_LEVEL 1", "FILE_SIZE_BYTES '128MB'"]
    if table["partition_by"]:
        options.append(f"PARTITION_BY ({', '.join(table['partition_by'])})")
    connection.execute(f"COPY ({query}) TO '{folder}' ({', '.join(options)})")


def _files(table: Table, paths: str, more: str = "") -> str:
    types = ", ".join(f"'{name}': '{table['types'][name]}'" for name in table["partition_by"])
    hive = f"hive_partitioning = true, hive_types = {{{types}}}" if types else "hive_partitioning = false"
    return f"read_parquet({paths}, {hive}{more})"


def drop_from_files(connection: duckdb.DuckDBPyConnection, table: Table, folder: Path) -> int:
    """Writes the files that hold a row to drop again, without such rows."""
    source = _files(table, f"['{folder}/**/*.parquet']", ", filename = true")
    found = connection.execute(
        f"SELECT filename, count(*) FROM {source} WHERE {table['drop']} GROUP BY filename"
    ).fetchall()
    dirty, fresh = [path for path, _ in found], folder / f"clean-{uuid4().hex}"
    kept = f"SELECT * FROM {_files(table, str(dirty))} WHERE NOT ({table['drop']})"
    _copy(connection, kept, table, fresh)
    for path in dirty:
        Path(path).unlink()
    return sum(count for _, count in found)


def arrow(connection: duckdb.DuckDBPyConnection, table: Table, folder: Path) -> str:
    """A Delta table by delta-rs, from a stream of Arrow batches."""
    from arro3.core import RecordBatchReader
    from deltalake import write_deltalake

    rows = RecordBatchReader.from_arrow(connection.sql(table["query"]))
    write_deltalake(str(folder), rows, partition_by=list(table["partition_by"]) or None)
    return _delta(table, folder)


def _delta(table: Table, folder: Path) -> str:
    from deltalake import DeltaTable

    return _files(table, str(DeltaTable(str(folder)).file_uris()))


def delete(connection: duckdb.DuckDBPyConnection, table: Table, folder: Path) -> int:
    """delta-rs' own DELETE."""
    from deltalake import DeltaTable

    doomed = f'SELECT count(*) FROM "{table["name"]}" WHERE {table["drop"]}'
    count = int(connection.execute(doomed).fetchall()[0][0])
    DeltaTable(str(folder)).delete(table["drop"])
    view(connection, table, _delta(table, folder))
    return count


def pandas(connection: duckdb.DuckDBPyConnection, table: Table, folder: Path) -> str:
    """Every result becomes a DataFrame first, as in scripts that collect; decimals are floats in there."""
    frame = connection.sql(table["query"]).df()
    connection.register("frame", frame)
    columns = ", ".join(f'CAST("{name}" AS {type}) AS "{name}"' for name, type in table["types"].items())
    _copy(connection, f"SELECT {columns} FROM frame", table, folder)
    connection.unregister("frame")
    del frame
    return _files(table, f"['{folder}/**/*.parquet']")


WRITERS: dict[str, Writer] = {"copy": copy, "arrow": arrow, "pandas": pandas}
DROPS: dict[Writer, Callable[[duckdb.DuckDBPyConnection, Table, Path], int]] = {
    copy: drop_from_files,
    arrow: delete,
    pandas: drop_from_files,
}

if __name__ == "__main__":
    main()
