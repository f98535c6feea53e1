"""JSON in columns of text."""

from __future__ import annotations

from odibi_dagster.sql.json_text.ddl import parse_ddl
from odibi_dagster.sql.json_text.path import Step, parse_path
from odibi_dagster.sql.json_text.record import readable
from odibi_dagster.sql.refusal import Refusal
from odibi_dagster.sql.typed import Typed, text
from odibi_dagster.sql.types import INT, STRING, Array, Column, Map, SparkType, Struct, to_duckdb

from .entry import Call, Entry
from .text import strings

# DuckDB finds a text or a truth value in well-formed JSON five times as fast, and the same. It also takes a
# comma behind the last element, and NaN; and more than 1,000 levels, for which 2,000 bytes are not enough.
JSON_MACROS: tuple[str, ...] = (
    r"""CREATE OR REPLACE TEMP MACRO spark_json_at(s, path, plain) AS CASE
         WHEN strlen(s) > 2000 OR NOT json_valid(s) THEN spark_get_json_object(s, path)
         WHEN json_type(s, plain) IN ('VARCHAR', 'BOOLEAN')
         AND NOT regexp_matches(s, ',[ \t\n\r]*[}\]]|[nN][aA][nN]|[iI][nN][fF]')
         THEN json_extract_string(s, plain) ELSE spark_get_json_object(s, path) END""",
)


def get(call: Call) -> Typed:
    """get_json_object(s, 'path'): a text, NULL where nothing is there or the text is no JSON."""
    path = call.literal(1)
    steps = parse_path(path) if isinstance(path, str) else None
    if steps is None:
        raise call.refuse(
            "Put it together from $, .name, ['name'], [0] and [*].",
            f"The path {call.args[1].name} of get_json_object is not supported.",
        )
    parts = [strings(call, 0)[0], text(path)]
    plain = _plain_path(steps)
    sql = f"spark_json_at({', '.join([*parts, text(plain)])})" if plain else \
        f"spark_get_json_object({', '.join(parts)})"  # fmt: skip
    return call.result(sql, STRING, nullable=True)


def _plain_path(steps: tuple[Step, ...]) -> str | None:
    """DuckDB's path for the same place, None where it has none."""
    if not steps or any(step is None or (isinstance(step, str) and set(step) & set('"\\')) for step in steps):
        return None
    return "$" + "".join(f"[{step}]" if isinstance(step, int) else f'."{step}"' for step in steps)


def parts(call: Call) -> Typed:
    """json_tuple(s, 'name', …): a row with a text for each name, `c0`, `c1`, …."""
    names = [arg.literal for arg in call.args[1:]]
    if not all(isinstance(name, str) for name in names):
        raise call.refuse("The names are literals.")
    columns = tuple(Column(f"c{at}", STRING) for at in range(len(names)))
    made = f"spark_json_tuple({strings(call, 0)[0]}, [{', '.join(map(text, names))}])"
    if len(names) > 1:
        fields = ", ".join(f"c{at} := spark_x[{at + 1}]" for at in range(len(names)))
        made = f"list_transform([{made}], lambda spark_x: struct_pack({fields}))"
    return call.result(made, Array(Struct(columns)), nullable=False)


def record(call: Call) -> Typed:
    """from_json(s, 'schema'): what does not fit is NULL, as in the mode PERMISSIVE."""
    schema = call.literal(1)
    if not isinstance(schema, str):
        raise call.refuse("The schema is a literal: 'a INT, b ARRAY<STRING>'.")
    try:
        type = parse_ddl(schema)
    except ValueError as error:
        raise Refusal(f"The schema of from_json is not read: {error}.") from None
    _check_schema(type)
    if not isinstance(type, Array | Map | Struct) or not readable(type):
        raise Refusal(
            f"from_json to {type} is not supported.",
            "Values are boolean, smallint, int, bigint, double, decimal, string, date, timestamp; keys text.",
        )
    made = f"spark_from_json({strings(call, 0)[0]}, {text(schema)})"
    sql = f"CAST(CAST({made} AS JSON) AS {to_duckdb(type)})"
    return call.result(sql, type, name=f"from_json({call.args[0].name})", nullable=True)


def _check_schema(type: SparkType) -> None:
    """See that no struct has a field twice, or one that keeps broken records.

    Raises:
        Refusal: one has.
    """
    if isinstance(type, Array):
        _check_schema(type.element)
    elif isinstance(type, Map):
        _check_schema(type.value)
    elif isinstance(type, Struct):
        names = [field.name.lower() for field in type.fields]
        if len(set(names)) < len(names):
            raise Refusal(f"The schema {type} has a field twice.", "Rename one: here, case does not count.")
        if "_corrupt_record" in names:
            raise Refusal(
                "from_json with the field _corrupt_record is not supported.",
                "Keep the text in a column of its own: malformed text has no get_json_object(…, '$').",
            )
        for field in type.fields:
            _check_schema(field.type)


def length(call: Call) -> Typed:
    """json_array_length: NULL where the text is no array."""
    return call.result(f"spark_json_array_length({strings(call, 0)[0]})", INT, nullable=True)


def keys(call: Call) -> Typed:
    """json_object_keys: NULL where the text is no object."""
    return call.result(f"spark_json_object_keys({strings(call, 0)[0]})", Array(STRING), nullable=True)


_RULE = "Spark SQL reference; measured: single quotes and text behind the value are forgiven"
_DEEP = "no more than 200 levels; numbers with a point print as Java 19 prints doubles"
TITLE = "JSON"
ENTRIES = (
    Entry(
        "get_json_object", "text, literal path of $, .name, ['name'], [0], [*]", "string", get, (2, 2),
        literals=(1,), rule=_RULE, limits=_DEEP,
    ),
    Entry(
        "json_tuple", "text, literal names", "c0, c1, …, text", parts, (2, None), kind="generator",
        rule=_RULE, limits=f"one in a SELECT, and none beside GROUP BY; {_DEEP}",
    ),
    Entry(
        "from_json", "text, literal schema", "the schema's type", record, (2, 2), literals=(1,),
        rule="Spark SQL reference; measured: what does not fit is NULL, also the array or map around it",
        limits="no options, so PERMISSIVE; no float, tinyint, binary, timestamp_ntz, NOT NULL; raises on "
        "JSON malformed inside of a nested value and on dates and times in rare spellings; " + _DEEP,
    ),
    Entry("json_array_length", "text", "int", length, rule=_RULE, limits="no more than 200 levels"),
    Entry("json_object_keys", "text", "array<string>", keys, rule=_RULE, limits="no more than 200 levels"),
)  # fmt: skip
