"""Spark's SQL types, and their spellings in Spark, DuckDB and Delta."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class SparkType:
    """One of Spark's data types; equal types compare equal, and `str` is Spark's `simpleString`."""

    name: str

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True)
class Decimal(SparkType):
    """`decimal(precision, scale)`: 1 to 38 digits, `scale` of them behind the point."""

    precision: int
    scale: int

    def __init__(self, precision: int = 10, scale: int = 0) -> None:
        if not (1 <= precision <= 38 and 0 <= scale <= precision):
            raise ValueError(f"decimal({precision},{scale}): precision is 1 to 38, scale 0 to precision")
        object.__setattr__(self, "name", f"decimal({precision},{scale})")
        object.__setattr__(self, "precision", precision)
        object.__setattr__(self, "scale", scale)

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True)
class Array(SparkType):
    """`array<element>`."""

    element: SparkType

    def __init__(self, element: SparkType) -> None:
        object.__setattr__(self, "name", f"array<{element}>")
        object.__setattr__(self, "element", element)

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True)
class Map(SparkType):
    """`map<key,value>`."""

    key: SparkType
    value: SparkType

    def __init__(self, key: SparkType, value: SparkType) -> None:
        object.__setattr__(self, "name", f"map<{key},{value}>")
        object.__setattr__(self, "key", key)
        object.__setattr__(self, "value", value)

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True)
class Struct(SparkType):
    """`struct<name:type,…>`."""

    fields: tuple[Column, ...]

    def __init__(self, fields: tuple[Column, ...]) -> None:
        inner = ",".join(f"{field.name}:{field.type}" for field in fields)
        object.__setattr__(self, "name", f"struct<{inner}>")
        object.__setattr__(self, "fields", tuple(fields))

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True)
class Column:
    """A named, typed column; `nullable` is False only where a NULL cannot occur."""

    name: str
    type: SparkType
    nullable: bool = True


Schema = tuple[Column, ...]

BOOLEAN, TINYINT, SMALLINT = SparkType("boolean"), SparkType("tinyint"), SparkType("smallint")
INT, BIGINT, FLOAT, DOUBLE = SparkType("int"), SparkType("bigint"), SparkType("float"), SparkType("double")
STRING, BINARY, DATE = SparkType("string"), SparkType("binary"), SparkType("date")
TIMESTAMP, TIMESTAMP_NTZ, VOID = SparkType("timestamp"), SparkType("timestamp_ntz"), SparkType("void")

INTEGRAL = (TINYINT, SMALLINT, INT, BIGINT)
DIGITS = {TINYINT: 3, SMALLINT: 5, INT: 10, BIGINT: 20}  # DecimalType.forType

_SPARK = {
    "boolean": BOOLEAN, "bool": BOOLEAN,
    "tinyint": TINYINT, "byte": TINYINT,
    "smallint": SMALLINT, "short": SMALLINT,
    "int": INT, "integer": INT,
    "bigint": BIGINT, "long": BIGINT,
    "float": FLOAT, "real": FLOAT,
    "double": DOUBLE,
    "string": STRING,
    "binary": BINARY,
    "date": DATE,
    "timestamp": TIMESTAMP, "timestamp_ltz": TIMESTAMP, "timestamp_ntz": TIMESTAMP_NTZ,
    "void": VOID,
}  # fmt: skip
_DUCKDB = {
    BOOLEAN: "BOOLEAN", TINYINT: "TINYINT", SMALLINT: "SMALLINT", INT: "INTEGER", BIGINT: "BIGINT",
    FLOAT: "FLOAT", DOUBLE: "DOUBLE", STRING: "VARCHAR", BINARY: "BLOB", DATE: "DATE",
    TIMESTAMP: "TIMESTAMP WITH TIME ZONE", TIMESTAMP_NTZ: "TIMESTAMP", VOID: '"NULL"',
}  # fmt: skip
_FROM_DUCKDB = {text: type for type, text in _DUCKDB.items()} | {
    "TIMESTAMPTZ": TIMESTAMP, "TEXT": STRING, "STRING": STRING, "INT": INT, "REAL": FLOAT, "BOOL": BOOLEAN,
}  # fmt: skip
_DELTA = {
    BOOLEAN: "boolean", TINYINT: "byte", SMALLINT: "short", INT: "integer", BIGINT: "long", FLOAT: "float",
    DOUBLE: "double", STRING: "string", BINARY: "binary", DATE: "date",
    TIMESTAMP: "timestamp", TIMESTAMP_NTZ: "timestamp_ntz",
}  # fmt: skip
_FROM_DELTA = {text: type for type, text in _DELTA.items()}
_DECIMAL = re.compile(r"(?:decimal|dec|numeric)\s*(?:\(\s*(\d+)\s*(?:,\s*(\d+)\s*)?\))?", re.IGNORECASE)


def split_outside(text: str, separator: str) -> list[str]:
    """Split at the separators that stand outside of brackets and quotes."""
    parts, depth, start, quoted = [], 0, 0, ""
    for at, char in enumerate(text):
        if quoted:
            quoted = "" if char == quoted else quoted
        elif char in '"`':
            quoted = char
        elif char in "<([":
            depth += 1
        elif char in ">)]":
            depth -= 1
        elif char == separator and depth == 0:
            parts.append(text[start:at])
            start = at + 1
    return [part.strip() for part in [*parts, text[start:]] if part.strip()]


def parse_type(text: str) -> SparkType:
    """The type a Spark spelling names.

    Args:
        text: `decimal(10,2)`, `array<int>`, `struct<a:int,b:string>`, `integer`, `numeric`, … in any case.

    Raises:
        ValueError: the spelling names no Spark type; the message lists those that exist.
    """
    plain = text.strip()
    if known := _SPARK.get(plain.lower()):
        return known
    if match := _DECIMAL.fullmatch(plain):
        return Decimal(int(match[1] or 10), int(match[2] or 0))
    kind, _, inner = plain.partition("<")
    if inner.endswith(">"):
        parts, kind = split_outside(inner[:-1], ","), kind.strip().lower()
        if kind == "array" and len(parts) == 1:
            return Array(parse_type(parts[0]))
        if kind == "map" and len(parts) == 2:
            return Map(parse_type(parts[0]), parse_type(parts[1]))
        if kind == "struct" and all(":" in part for part in parts):
            pairs = [part.partition(":") for part in parts]
            return Struct(tuple(Column(name.strip(" `"), parse_type(type)) for name, _, type in pairs))
    names = ", ".join(sorted({str(type) for type in _DELTA}))
    raise ValueError(f"{text!r} is not a type: use {names}, decimal(precision,scale), array<…>, map<…,…>, "
                     "struct<name:type,…>")  # fmt: skip


def holds_void(type: SparkType) -> bool:
    """Whether the type is that of a NULL that nothing gives a type, or holds one."""
    if isinstance(type, Array):
        return holds_void(type.element)
    if isinstance(type, Map):
        return holds_void(type.key) or holds_void(type.value)
    if isinstance(type, Struct):
        return any(holds_void(field.type) for field in type.fields)
    return type == VOID


def to_duckdb(type: SparkType) -> str:
    """DuckDB's spelling, as its DESCRIBE prints it; TIMESTAMP is TIMESTAMP WITH TIME ZONE.

    Raises:
        ValueError: the type has no counterpart.
    """
    if isinstance(type, Decimal):
        return f"DECIMAL({type.precision},{type.scale})"
    if isinstance(type, Array):
        return f"{to_duckdb(type.element)}[]"
    if isinstance(type, Map):
        return f"MAP({to_duckdb(type.key)}, {to_duckdb(type.value)})"
    if isinstance(type, Struct):
        inner = ", ".join(f"{quote(field.name)} {to_duckdb(field.type)}" for field in type.fields)
        return f"STRUCT({inner})"
    return _DUCKDB[type]


def quote(name: str) -> str:
    """A DuckDB identifier."""
    return '"' + name.replace('"', '""') + '"'


def from_duckdb(text: str) -> SparkType | None:
    """The Spark type of a DuckDB column, or None where Spark has none (HUGEINT, UINTEGER, TIME, …)."""
    plain = text.strip()
    if plain.upper() in _FROM_DUCKDB:
        return _FROM_DUCKDB[plain.upper()]
    if match := re.fullmatch(r"DECIMAL\((\d+),\s*(\d+)\)", plain, re.IGNORECASE):
        return Decimal(int(match[1]), int(match[2]))
    if plain.endswith("[]"):
        element = from_duckdb(plain[:-2])
        return Array(element) if element else None
    kind, _, inner = plain.partition("(")
    if kind.upper() == "MAP" and inner.endswith(")"):
        types = [from_duckdb(part) for part in split_outside(inner[:-1], ",")]
        return Map(types[0], types[1]) if len(types) == 2 and types[0] and types[1] else None
    if kind.upper() == "STRUCT" and inner.endswith(")"):
        fields = []
        for part in split_outside(inner[:-1], ","):
            match = re.fullmatch(r'("(?:[^"]|"")*"|\S+)\s+(.*)', part, re.DOTALL)
            type = from_duckdb(match[2]) if match else None
            if match is None or type is None:
                return None
            name = match[1][1:-1].replace('""', '"') if match[1].startswith('"') else match[1]
            fields.append(Column(name, type))
        return Struct(tuple(fields))
    return None


def to_delta(type: SparkType) -> str | dict[str, Any]:
    """The type as a Delta log's schema string holds it (Delta protocol, "Schema Serialization Format").

    Raises:
        ValueError: Delta has no such type (void).
    """
    if isinstance(type, Decimal):
        return str(type)
    if isinstance(type, Array):
        return {"type": "array", "elementType": to_delta(type.element), "containsNull": True}
    if isinstance(type, Map):
        key, value = to_delta(type.key), to_delta(type.value)
        return {"type": "map", "keyType": key, "valueType": value, "valueContainsNull": True}
    if isinstance(type, Struct):
        return {"type": "struct", "fields": [
            {"name": field.name, "type": to_delta(field.type), "nullable": field.nullable, "metadata": {}}
            for field in type.fields
        ]}  # fmt: skip
    if type not in _DELTA:
        raise ValueError(f"a Delta table cannot hold the type {type}")
    return _DELTA[type]


def from_delta(json: str | dict[str, Any]) -> SparkType:
    """The type that a Delta log's JSON names.

    Raises:
        ValueError: an unknown type (a newer protocol).
    """
    if isinstance(json, str):
        if known := _FROM_DELTA.get(json):
            return known
        if match := _DECIMAL.fullmatch(json):
            return Decimal(int(match[1] or 10), int(match[2] or 0))
    elif json.get("type") == "array":
        return Array(from_delta(json["elementType"]))
    elif json.get("type") == "map":
        return Map(from_delta(json["keyType"]), from_delta(json["valueType"]))
    elif json.get("type") == "struct":
        return Struct(tuple(Column(field["name"], from_delta(field["type"]), field.get("nullable", True))
                            for field in json["fields"]))  # fmt: skip
    raise ValueError(f"{json!r} is not a Delta type this version knows")
