"""JSON lines: one object a line, fields by name, values by their declared types or the files' own."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from odibi_dagster.engines.landed.forms import REFUSED
from odibi_dagster.engines.landed.json_fields import Shape, check_fields
from odibi_dagster.engines.landed.json_inferred import inferred
from odibi_dagster.engines.protocol import Landed, LocalEngine
from odibi_dagster.engines.spark import literal, paths, quote, types
from odibi_dagster.engines.spark.landed_csv import refuse_compression
from odibi_dagster.engines.spark.unreadable import refuse_broken
from odibi_dagster.sql.types import (
    DATE,
    DOUBLE,
    FLOAT,
    TIMESTAMP,
    TIMESTAMP_NTZ,
    Column,
    Decimal,
    Schema,
    split_outside,
)

#: One line as a VARIANT, or NULL if it is not JSON: in brackets, so that nothing may follow the object.
_LINE = r"try_parse_json(concat('[', value, '\n]'))"
_SCALARS: Mapping[str, Shape] = {
    "VOID": "NULL", "BOOLEAN": "BOOLEAN", "STRING": "VARCHAR", "BIGINT": "BIGINT", "DOUBLE": "DOUBLE",
    "FLOAT": "DOUBLE", "VARIANT": "JSON",
}  # fmt: skip


def frame(
    spark: Any, local: LocalEngine, read: Landed, wanted: Schema | None, *, table: str
) -> tuple[Any, Schema]:
    """A DataFrame with the wanted columns and `_file`, and its schema.

    The files are read once beforehand to learn what they hold. A field that a line does not have is NULL;
    a field that is not wanted is an error. Without declared columns whole numbers are BIGINT, others
    DOUBLE, texts STRING (dates are not guessed).

    Args:
        spark: the session.
        local: says what is wrong with a file.
        read: the landed files; there is at least one.
        wanted: the declared columns, or None.
        table: the table being computed, for messages.

    Raises:
        DataError: a line that is no JSON object, an unknown field, a field of several or of other kinds than
            declared, a field twice.
    """
    refuse_compression(read, table)
    shapes = _shapes(spark, local, read, table, ordered=wanted is None)
    if wanted is None:
        wanted = inferred(shapes, read, table=table)
    check_fields(shapes, wanted, read, table=table)
    objects = _lines(spark, read).selectExpr(
        f"variant_get({_LINE}, '$[0]', 'variant') AS _o", "value AS _line", "_file"
    )
    return objects.selectExpr(*(f"{_item(c)} AS {quote.name(c.name)}" for c in wanted), "_file"), wanted


def _lines(spark: Any, read: Landed) -> Any:
    """The lines that are not blank, each with its file."""
    lines = paths.load(spark.read.format("text"), read.url, [file.path for file in read.files])
    named = lines.selectExpr("value", f"{paths.relative(read.url)} AS _file")
    return named.where(r"value RLIKE '[^ \\t\\r\\n]'")


def _shapes(
    spark: Any, local: LocalEngine, read: Landed, table: str, *, ordered: bool
) -> dict[str, dict[str, Shape]]:
    """What each file's lines hold together; files without lines are left out."""
    parsed = _lines(spark, read).selectExpr(
        f"{_LINE} AS _j", "is_valid_utf8(value) AS _text", "_file",
        *(("json_object_keys(value) AS _keys", "monotonically_increasing_id() AS _n") if ordered else ()),
    )  # fmt: skip
    one = "variant_get(_j, '$[0]', 'variant')"
    # NULL where a line is no JSON; not an object where it is another value, or several.
    whole = "_text AND _j IS NOT NULL AND variant_get(_j, '$[1]', 'variant') IS NULL"
    kind = f"coalesce(schema_of_variant({one}) LIKE 'OBJECT<%', false)"
    counted = parsed.selectExpr("_file", f"{one} AS _o", f"NOT ({whole} AND {kind}) AS _bad")
    rows = (
        counted.groupBy("_file")
        .agg({"_o": "schema_of_variant_agg", "_bad": "bool_or"})
        .selectExpr("_file", "`schema_of_variant_agg(_o)` AS shape", "`bool_or(_bad)` AS bad")
        .collect()
    )
    broken = sorted(row["_file"] for row in rows if row["bad"])
    if broken:
        refuse_broken(local, read, broken, table, otherwise="a line is no object, or holds a field twice")
    order = _order(parsed) if ordered else {}
    by_file = {row["_file"]: _shape(row["shape"]) for row in rows}
    shapes: dict[str, dict[str, Shape]] = {}
    for file in read.files:
        shape = by_file.get(file.path)
        if isinstance(shape, dict):
            first = order.get(file.path, {})
            shapes[file.path] = {name: shape[name] for name in sorted(shape, key=lambda n: first.get(n, 0))}
    return shapes


def _order(parsed: Any) -> dict[str, dict[str, int]]:
    """Where each file's fields appear first; Spark itself sorts them by name."""
    places = parsed.selectExpr("_file", "_n", "posexplode(_keys) AS (_p, _key)")
    first = places.selectExpr("_file", "_key", "struct(_n, _p) AS _at").groupBy("_file", "_key")
    rows = first.agg({"_at": "min"}).selectExpr("_file", "_key", "`min(_at)` AS at").collect()
    order: dict[str, dict[str, int]] = {}
    for number, row in enumerate(sorted(rows, key=lambda row: (row["at"]["_n"], row["at"]["_p"]))):
        order.setdefault(row["_file"], {})[row["_key"]] = number
    return order


def _shape(text: str) -> Shape:
    """What SCHEMA_OF_VARIANT says, in `Shape`'s words."""
    if text.startswith("OBJECT<"):
        fields: dict[str, Any] = {}
        for part in split_outside(text[len("OBJECT<") : -1], ","):
            name, inner = _field(part)
            fields[name] = _shape(inner)
        return fields
    if text.startswith("ARRAY<"):
        inner_shape = _shape(text[len("ARRAY<") : -1])
        return [] if inner_shape == "NULL" else [inner_shape]
    if match := re.fullmatch(r"DECIMAL\((\d+),\s*(\d+)\)", text):
        # A whole number beyond 64 bits, alone or with smaller ones, has 20 digits and more; 2.0 has fewer.
        return "UBIGINT" if match[2] == "0" and int(match[1]) >= 20 else "DOUBLE"
    return _SCALARS.get(text, "JSON")


def _field(part: str) -> tuple[str, str]:
    if part.startswith("`"):
        match = re.match(r"`((?:[^`]|``)*)`:\s*", part)
        assert match is not None
        return match[1].replace("``", "`"), part[match.end() :]
    name, _, inner = part.partition(":")
    return name.strip(), inner.strip()


def _item(column: Column) -> str:
    """The field as its type, or an error where its value is not exactly one."""
    type = types.ddl(column.type)
    if column.type in (DATE, TIMESTAMP, TIMESTAMP_NTZ):
        return literal.strict(_get(column.name, "STRING"), column.type)
    if isinstance(column.type, Decimal):
        value = _get(column.name, f"DECIMAL(38,{38 - (column.type.precision - column.type.scale)})")
        refuse = f"CAST(raise_error({quote.text(REFUSED)}) AS {type})"
        rounded = f"CAST({value} AS {type}) <> {value}"
        return f"CASE WHEN {rounded} THEN {refuse} ELSE CAST({value} AS {type}) END"
    if column.type in (FLOAT, DOUBLE):
        value = _get(column.name, "DOUBLE")
        # A VARIANT's decimals have no negative zero.
        negative = f"{value} = 0 AND get_json_object(_line, {_path(column.name)}) LIKE '-%'"
        return f"CAST(CASE WHEN {negative} THEN -0.0D ELSE {value} END AS {type})"
    return _get(column.name, type)


def _get(name: str, type: str) -> str:
    return f"variant_get(_o, {_path(name)}, {quote.text(type)})"


def _path(name: str) -> str:
    mark = '"' if "'" in name else "'"
    return quote.text(f"$[{mark}{name}{mark}]")
