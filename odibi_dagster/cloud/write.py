"""A DataFrame, relation or Arrow table as one file, a folder of files, or a Delta table."""

from __future__ import annotations

import mmap
import os
import shutil
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, cast

from odibi_dagster.cloud import delta, duck, table
from odibi_dagster.cloud.failures import explained
from odibi_dagster.cloud.formats import format_of, known, suffix_of
from odibi_dagster.cloud.listing import File, walk
from odibi_dagster.cloud.target import Target
from odibi_dagster.engines.pandas import quote
from odibi_dagster.engines.pandas.relation import spark_schema
from odibi_dagster.errors import ConfigError, DataError, OdibiError, StateError, Where
from odibi_dagster.lake.partition_value import refuse_types
from odibi_dagster.sql.types import STRING, Column, Schema, from_duckdb
from odibi_dagster.storage.transfer import Job, transfer
from odibi_dagster.tables.nearest import did_you_mean

MODES = ("overwrite", "append", "error")
#: Bytes of one file that is created if nothing has its name: stores take that in one request alone, and a
#: request has a time-out. Its bytes are mapped and not read: a file of 300 MB takes no memory.
CREATED_AT_MOST = 256 * 2**20
_OPTIONS = {
    "parquet": "FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1",
    "csv": "FORMAT csv, HEADER true",
    "json": "FORMAT json",
}


@dataclass(frozen=True)
class Order:
    """One call of `write`, checked.

    Args:
        target: where.
        key: the path, as the store knows it.
        format: parquet, csv, json or delta.
        mode: overwrite, append or error.
        partition_by: columns that become folders.
        folder: whether files go into a folder of that name.
    """

    target: Target
    key: str
    format: str
    mode: str
    partition_by: tuple[str, ...]
    folder: bool

    @property
    def where(self) -> Where:
        """The place for messages."""
        return Where(url=self.target.url(self.key))

    @property
    def suffix(self) -> str:
        """What the name of each file ends in."""
        return suffix_of(self.key) or f".{self.format}"


def write(
    target: Target, data: Any, path: str, format: str | None, mode: str, partition_by: Sequence[str] | str
) -> None:
    """See `CloudAdapter.write`."""
    order = _order(target, path, format, mode, partition_by)
    connection, scratch = duck.connect(), tempfile.mkdtemp(prefix="odibi-write-")
    try:
        with explained("It cannot be written", order.where):
            log = delta.open_log(target, order.key) if order.format == "delta" else None
            table.load(connection, data, order.format, log.schema if log else None, order.where)
            schema = _schema(order, connection)
            _refuse_empty_partitions(order, connection, schema)
            if order.format == "delta":
                delta.write(target, order.key, connection, schema, order.mode, order.partition_by)
            elif order.folder:
                _folder(order, connection, scratch)
            else:
                _file(order, connection, scratch)
    finally:
        connection.close()
        shutil.rmtree(scratch, ignore_errors=True)


def _order(
    target: Target, path: str, format: str | None, mode: str, partition_by: Sequence[str] | str
) -> Order:
    if mode not in MODES:
        raise ConfigError(f"There is no mode {mode!r}.", remedy=did_you_mean(str(mode), MODES))
    key = target.key(path)
    where = Where(url=target.url(key))
    if not key:
        raise ConfigError(
            f"A {target.noun} itself is not written.", where=where, remedy="Name a file or folder in it."
        )
    asked = known(format) or format_of([key], target.url(key))
    columns = (partition_by,) if isinstance(partition_by, str) else tuple(partition_by)
    folder = path.endswith("/") or bool(columns) or asked == "delta"
    if suffix_of(key) and asked != "delta" and format_of([key], key) != asked:
        raise ConfigError(
            f"The name says {format_of([key], key)}, and format= says {asked}.",
            where=where,
            remedy="Correct one of them.",
        )
    if mode == "append" and not folder:
        raise ConfigError(
            "Nothing can be appended to one file.",
            where=where,
            why="files in a store are written whole",
            remedy=f"Append to a folder, each call a file: write(…, '{key}/', format='{asked}', "
            "mode='append'); or to a Delta table: format='delta'.",
        )
    return Order(target, key, asked, mode, columns, folder)


def _schema(order: Order, connection: Any) -> Schema:
    relation = connection.sql("FROM data")
    if order.format == "delta":
        return spark_schema(relation, table=str(order.where), what="The data")
    pairs = zip(relation.columns, relation.types, strict=True)
    schema = tuple(Column(name, from_duckdb(str(type)) or STRING) for name, type in pairs)
    refuse_types(schema, order.partition_by, order.where)
    return schema


def _refuse_empty_partitions(order: Order, connection: Any, schema: Schema) -> None:
    types = {column.name: column.type for column in schema}
    for name in order.partition_by:
        if types.get(name) != STRING:
            continue
        if connection.execute(f"SELECT 1 FROM data WHERE {quote.name(name)} = '' LIMIT 1").fetchone():
            raise DataError(
                f"Partition column {name!r} holds an empty text.",
                where=order.where,
                why="readers cannot tell it from NULL",
                remedy="Make it NULL (None), or a text with a name.",
            )


def _copy(order: Order, connection: Any, local: str, more: str = "") -> None:
    connection.execute(f"COPY (SELECT * FROM data) TO {quote.text(local)} ({_OPTIONS[order.format]}{more})")


def _file(order: Order, connection: Any, scratch: str) -> None:
    objects = order.target.objects()
    if not objects.empty(order.key):
        raise StateError(
            "There is a folder of this name.",
            where=order.where,
            remedy=f"Choose another name, or write into the folder: '{order.key}/'.",
        )
    if order.mode == "error" and objects.head(order.key):
        raise delta.already(order.where)  # before anything is computed; what counts is the put below
    local = os.path.join(scratch, f"data{order.suffix}")
    _copy(order, connection, local)
    if order.mode == "overwrite":
        objects.upload(local, order.key)
        return
    size = os.path.getsize(local)
    if size > CREATED_AT_MOST and order.target.place.remote:
        raise ConfigError(
            "The file is too large to be created only where there is none.",
            where=order.where,
            why=f"it has {size:,} bytes, and a store takes at most {CREATED_AT_MOST:,} in one request",
            remedy=f"Write a folder, '{order.key}/', or a Delta table, format='delta'; or replace what is "
            "there: mode='overwrite'.",
        )
    if not size:
        created = objects.put_if_absent(order.key, b"")
    else:
        with open(local, "rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
            created = objects.put_if_absent(order.key, cast(bytes, content))
    if not created:
        raise delta.already(order.where)


def _folder(order: Order, connection: Any, scratch: str) -> None:
    """New files first, then those that they replace are deleted; after a failure the new ones are deleted."""
    objects = order.target.objects()
    if objects.head(order.key):
        raise StateError(
            "There is a file of this name.", where=order.where, remedy="Delete it, or choose another name."
        )
    before = tuple(walk(order.target, order.key))
    _refuse_foreign(order, before)
    made = _files(order, connection, scratch)
    jobs = [
        Job(lambda local=local, key=key: objects.upload(local, key), os.path.getsize(local))  # type: ignore[misc]
        for local, key in made
    ]
    try:
        transfer(jobs, f"writing {order.target.url(order.key)}")
    except BaseException:
        with suppress(OdibiError, OSError):
            objects.delete([key for _, key in made])
        raise
    if order.mode == "overwrite":
        objects.delete([str(file) for file in before])


def _files(order: Order, connection: Any, scratch: str) -> list[tuple[str, str]]:
    """The data as local files, and the names that they will have."""
    root = os.path.join(scratch, "data")
    if order.partition_by:
        columns = ", ".join(quote.name(name) for name in order.partition_by)
        # The suffix stands in the pattern: the option for it takes no `csv.gz`.
        more = f", PARTITION_BY ({columns}), FILENAME_PATTERN 'part-{{uuid}}'"
        more += f", FILE_EXTENSION {quote.text(order.suffix.removeprefix('.'))}"
        _copy(order, connection, root, more)
    else:
        os.mkdir(root)
        _copy(order, connection, os.path.join(root, f"part-{os.urandom(16).hex()}{order.suffix}"))
    return [
        (local, f"{order.key}/{os.path.relpath(local, root).replace(os.sep, '/')}")
        for folder, _, names in os.walk(root)
        for name in names
        for local in [os.path.join(folder, name)]
    ]


def _refuse_foreign(order: Order, before: Sequence[File]) -> None:
    """Stops before files go where they would be lost, or would not be read."""
    if before and order.mode == "error":
        raise delta.already(order.where)
    if any(file.startswith(f"{order.key}/_delta_log/") for file in before):
        raise StateError(
            "The folder is a Delta table.",
            where=order.where,
            why="files beside its log would not be read, and without those in it the table is broken",
            remedy="Write with format='delta', or choose another folder.",
        )
    if foreign := [file for file in before if suffix_of(file) != order.suffix]:
        raise StateError(
            f"The folder holds other files than {order.suffix}.",
            where=order.where,
            why=f"{foreign[0]} and {len(foreign) - 1} more" if len(foreign) > 1 else foreign[0],
            remedy="Choose another folder, or delete them first.",
        )
