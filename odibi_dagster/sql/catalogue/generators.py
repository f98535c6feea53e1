"""Rows made of a value: explode and its like, in LATERAL VIEW and in the SELECT list."""

from __future__ import annotations

from odibi_dagster.sql import coerce
from odibi_dagster.sql.typed import Typed, text
from odibi_dagster.sql.types import INT, VOID, Array, Column, Map, Struct, quote

from .entry import Call, Entry


def _made(call: Call, sql: str, *columns: Column) -> Typed:
    return call.result(sql, Array(Struct(columns)), nullable=True)


def explode(call: Call) -> Typed:
    """explode(array): `col`; explode(map): `key`, `value`."""
    value = call.args[0]
    if isinstance(value.type, Array):
        return _made(call, value.sql, Column("col", value.type.element))
    if isinstance(value.type, Map):
        columns = (Column("key", value.type.key, nullable=False), Column("value", value.type.value))
        return _made(call, f"map_entries({value.sql})", *columns)
    raise call.refuse("It takes an array or a map.")


def posexplode(call: Call) -> Typed:
    """As explode, with the place (from 0) in front as `pos`."""
    value = call.args[0]
    pos = Column("pos", INT, nullable=False)
    columns: tuple[Column, ...]
    if isinstance(value.type, Array):
        parts, rows, columns = "col := spark_g", value.sql, (Column("col", value.type.element),)
    elif isinstance(value.type, Map):
        parts, rows = "key := spark_g.key, value := spark_g.value", f"map_entries({value.sql})"
        columns = (Column("key", value.type.key, nullable=False), Column("value", value.type.value))
    else:
        raise call.refuse("It takes an array or a map.")
    made = f"struct_pack(pos := CAST(spark_i - 1 AS INTEGER), {parts})"
    return _made(call, f"list_transform({rows}, lambda spark_g, spark_i: {made})", pos, *columns)


def inline(call: Call) -> Typed:
    """inline(array of structs): a column for each field."""
    value = call.args[0]
    if not isinstance(value.type, Array) or not isinstance(value.type.element, Struct):
        raise call.refuse("It takes an array of structs.")
    fields = value.type.element.fields
    columns = [Column(field.name, field.type) for field in fields]
    if len(columns) == 1:
        part = f"struct_extract(spark_g, {text(columns[0].name)})"
        return _made(call, f"list_transform({value.sql}, lambda spark_g: {part})", *columns)
    return _made(call, value.sql, *columns)


def stack(call: Call) -> Typed:
    """stack(n, value, …): the values in n rows of `col0`, `col1`, …."""
    count, values = call.literal(0), call.args[1:]
    if not isinstance(count, int) or isinstance(count, bool) or count < 1:
        raise call.refuse("The number of rows is a literal from 1 on.")
    width = -(-len(values) // count)
    columns, cells = [], []
    for at in range(width):
        column = values[at::width]
        known = [value.type for value in column if value.type != VOID]
        if not known or any(type != known[0] for type in known):
            raise call.refuse(f"CAST the values of column {at} to one type.")
        padded = len(column) < count
        columns.append(
            Column(f"col{at}", known[0], nullable=padded or any(value.nullable for value in column))
        )
        written = [coerce.to(value, known[0]) for value in column]
        cells.append(written + [coerce.to(_NULL, known[0])] * (count - len(written)))
    rows = []
    for row in zip(*cells, strict=True):
        parts = (f"{quote(c.name)} := {cell}" for c, cell in zip(columns, row, strict=True))
        rows.append(row[0] if width == 1 else f"struct_pack({', '.join(parts)})")
    return _made(call, f"[{', '.join(rows)}]", *columns)


_NULL = Typed("NULL", VOID, True, "NULL", literal=None)
_LIMITS = "one in a SELECT, and none beside GROUP BY"

TITLE = "Generators"
ENTRIES = (
    *(
        Entry(name, "array or map", "col; key, value", explode, kind="generator", limits=_LIMITS)
        for name in ("explode", "explode_outer")
    ),
    *(
        Entry(
            name, "array or map", "pos, col; pos, key, value", posexplode, kind="generator", limits=_LIMITS
        )
        for name in ("posexplode", "posexplode_outer")
    ),
    *(
        Entry(name, "array of structs", "its fields", inline, kind="generator", limits=_LIMITS)
        for name in ("inline", "inline_outer")
    ),
    Entry(
        "stack", "literal number of rows, values", "col0, col1, …", stack, (2, None), kind="generator",
        literals=(0,), limits=_LIMITS,
    ),
)  # fmt: skip
