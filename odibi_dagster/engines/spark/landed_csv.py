"""CSV files: columns by the header's names, values by their declared types."""

from __future__ import annotations

import zlib
from collections import defaultdict
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import reduce
from typing import Any

from odibi_dagster.engines.landed.csv_files import (
    check_declared,
    check_names,
    compression,
    delimiter,
    encoding,
    has_header,
    names_of,
    quoting,
)
from odibi_dagster.engines.protocol import Landed, LandedFile, LocalEngine
from odibi_dagster.engines.spark import literal, paths, quote
from odibi_dagster.engines.spark.unreadable import refuse_broken
from odibi_dagster.errors import DataError, Where
from odibi_dagster.sql.types import STRING, Column, Schema
from odibi_dagster.storage.objects import Objects, open_objects

#: Bytes in which a header is looked for, first and at most.
_HEAD, _LONG = 64 * 2**10, 16 * 2**20
#: Stands for a value that is not there: no file says it. (An empty text in quotes is an empty text.)
_NOTHING = "\x01odibi-nothing\x01"
_HEADS_AT_ONCE = 16


def frame(
    spark: Any, local: LocalEngine, read: Landed, wanted: Schema | None, *, table: str
) -> tuple[Any, Schema]:
    """A DataFrame with the wanted columns and `_file`, and its schema.

    Every row must have as many values as the header has names. Unquoted nothing is NULL; a quoted empty
    string is an empty string. Files may have the columns in different orders. Bytes that are no text in the
    files' encoding are an error: Spark would put question marks in their place.

    Args:
        spark: the session.
        local: says what is wrong with a file.
        read: the landed files; there is at least one.
        wanted: the declared columns; None: the header's, all STRING.
        table: the table being computed, for messages.

    Raises:
        DataError: a header that is not the wanted one, or not the first file's; no header; an empty file; a
            quote that is never closed.
    """
    check_declared(read, wanted, table=table)
    refuse_compression(read, table)
    groups: dict[tuple[str, ...], list[str]] = defaultdict(list)
    first: tuple[str, ...] | None = None
    for file, names in zip(read.files, _headers(local, read, wanted, table), strict=True):
        check_names(names, wanted, first, read, file.path, table=table)
        first = first or names
        groups[names].append(file.path)
    _refuse_open_quotes(spark, local, read, table)
    columns = wanted if wanted is not None else tuple(Column(name, STRING) for name in first or ())
    parts = [_rows(spark, read, names, files, columns) for names, files in groups.items()]
    return reduce(lambda one, other: one.unionAll(other), parts), columns


def refuse_compression(read: Landed, table: str) -> None:
    """Refuses files whose compression Spark would take for another: it goes by the suffix alone.

    Raises:
        DataError: names the first such file.
    """
    suffixes = {".gz": "gzip", ".zst": "zstd"}
    for file in read.files:
        by_suffix = next((kind for end, kind in suffixes.items() if file.path.lower().endswith(end)), "none")
        if (meant := compression(read, file.path)) != by_suffix:
            raise DataError(
                f"{file.path} is {meant}-compressed, and its name says {by_suffix}.",
                where=Where(table=table, url=f"{read.url}/{file.path}"),
                why="Spark goes by the name: .gz or .zst",
                remedy="Name the files by their compression, or let the table say `engine: pandas`.",
            )


def _rows(spark: Any, read: Landed, names: tuple[str, ...], files: Sequence[str], columns: Schema) -> Any:
    """The rows of files with the same header: every value is text first, and nothing is forgiven."""
    coded = encoding(read, table=read.name)
    # UTF-8 is read byte for byte and decoded here, where what is none is an error.
    bytewise = coded == "utf-8"
    options = {
        "header": str(has_header(read)).lower(),
        "mode": "FAILFAST",
        "multiLine": "true",
        "encoding": {"utf-8": "ISO-8859-1", "latin-1": "ISO-8859-1", "utf-16": "UTF-16"}[coded],
        "sep": _bytes(delimiter(read), bytewise),
        "quote": quoting(read),
        "escape": quoting(read),
        "unescapedQuoteHandling": "RAISE_ERROR",
        "columnPruning": "false",
        "maxCharsPerColumn": "-1",
        "maxColumns": str(max(20480, len(names) + 1)),
        "nullValue": _NOTHING,
        "emptyValue": "",
    }
    numbered = [f"c{number}" for number in range(len(names))]
    reader = spark.read.format("csv").schema(", ".join(f"{each} STRING" for each in numbered))
    for key, value in options.items():
        reader = reader.option(key, value)
    found = paths.load(reader, read.url, files)
    texts = [f"decode(encode({each}, 'ISO-8859-1'), 'UTF-8')" if bytewise else each for each in numbered]
    named = [f"{text} AS {quote.name(name)}" for text, name in zip(texts, names, strict=True)]
    values = found.selectExpr(*named, f"{paths.relative(read.url)} AS _file")
    items = [f"{literal.strict(quote.name(c.name), c.type)} AS {quote.name(c.name)}" for c in columns]
    return values.selectExpr(*items, "_file")


def _bytes(text: str, bytewise: bool) -> str:
    return text.encode().decode("latin-1") if bytewise else text


def _headers(local: LocalEngine, read: Landed, wanted: Schema | None, table: str) -> list[tuple[str, ...]]:
    """Each file's names, from its first line, or the declared ones when files have no header."""
    if not has_header(read):
        assert wanted is not None
        return [tuple(column.name for column in wanted)] * len(read.files)
    objects, coded = open_objects(read.url), encoding(read, table=table)
    with ThreadPoolExecutor(_HEADS_AT_ONCE) as pool:
        return list(pool.map(lambda file: _header(local, objects, read, file, coded, table), read.files))


def _header(
    local: LocalEngine, objects: Objects, read: Landed, file: LandedFile, coded: str, table: str
) -> tuple[str, ...]:
    line = _first_line(local, objects, file, compression(read, file.path), coded, read, table)
    if not line.strip():
        refuse_broken(local, read, [file.path], table)
    return names_of(line, read, file.path, table=table)


def _first_line(
    local: LocalEngine, objects: Objects, file: LandedFile, packed: str, coded: str, read: Landed, table: str
) -> str:
    if not file.size:
        return ""
    if packed == "zstd":  # no decoder here
        return local.first_line(read, file)
    size = _HEAD
    while True:
        data = objects.part(file.path, 0, min(size, file.size))
        if packed == "gzip":
            try:
                data = zlib.decompressobj(wbits=31).decompress(data, _LONG)
            except zlib.error:
                refuse_broken(
                    local, read, [file.path], table, otherwise="GZIP: the file cannot be decompressed"
                )
        text = data.decode(coded, errors="replace").removeprefix("\ufeff")
        line, ended, _ = text.replace("\r\n", "\n").replace("\r", "\n").partition("\n")
        if ended or size >= min(file.size, _LONG):
            return line
        size *= 16


def _refuse_open_quotes(spark: Any, local: LocalEngine, read: Landed, table: str) -> None:
    """Refuses a file whose last quote is never closed: Spark would take the rest of it for one value."""
    around = quoting(read)
    if not around:
        return
    reader = spark.read.format("text")
    if encoding(read, table=table) == "utf-16":
        reader = reader.option("encoding", "UTF-16").option("lineSep", "\n")
    lines = paths.load(reader, read.url, [file.path for file in read.files])
    count = f"length(value) - length(replace(value, {quote.text(around)}, ''))"
    counted = lines.selectExpr(f"{paths.relative(read.url)} AS _file", f"{count} AS n")
    odd = counted.groupBy("_file").sum("n").where("`sum(n)` % 2 = 1").collect()
    if odd:  # which may be a quote inside of a value without quotes
        refuse_broken(local, read, sorted(row[0] for row in odd), table)
