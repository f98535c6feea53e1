"""JSON read into a schema: from_json in its mode PERMISSIVE.

A value that does not fit its field is NULL, and so is an array or a map that holds one; a struct keeps the
fields that fit. Measured on Spark 4.2.
"""

from __future__ import annotations

import datetime
import json
import re
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Context, InvalidOperation
from decimal import Decimal as Exact
from functools import lru_cache, partial
from typing import Any

from odibi_dagster.sql.types import (
    BIGINT,
    BOOLEAN,
    DATE,
    DOUBLE,
    INT,
    SMALLINT,
    STRING,
    TIMESTAMP,
    Array,
    Decimal,
    Map,
    SparkType,
    Struct,
)

from .ddl import parse_ddl
from .moments import from_seconds, read_day, read_moment
from .read import Malformed, Members, Unread, read_exact
from .write import SINGLE, write

Convert = Callable[[Any], Any]
_CONTROLS = "".join(map(chr, range(33)))
_BITS = {SMALLINT: 15, INT: 31, BIGINT: 63}
_NAMED = {
    "NaN": "NaN", "Infinity": "Infinity", "+Infinity": "Infinity", "+INF": "Infinity",
    "-Infinity": "-Infinity", "-INF": "-Infinity",
}  # fmt: skip
_DIGITS = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?", re.ASCII)
# Enough for the numbers that are read; what is beyond fits no decimal.
_WIDE = Context(prec=2000, rounding=ROUND_HALF_UP)


class Unfit(ValueError):
    """A value that is not of its field's type."""


def readable(type: SparkType) -> bool:
    """Whether from_json of this type is proven: no FLOAT, TINYINT, BINARY, TIMESTAMP_NTZ; keys are text."""
    if isinstance(type, Array):
        return readable(type.element)
    if isinstance(type, Map):
        return type.key == STRING and readable(type.value)
    if isinstance(type, Struct):
        return all(readable(field.type) for field in type.fields)
    return isinstance(type, Decimal) or type in (*_BITS, BOOLEAN, DOUBLE, STRING, DATE, TIMESTAMP)


def from_json(text: str | None, schema: str) -> str | None:
    """A JSON text as another that DuckDB's CAST to the schema's type reads without a loss.

    Args:
        schema: as `parse_ddl` reads it.

    Returns:
        None where from_json gives NULL: for NULL and blank text.

    Raises:
        Unread: see `read_exact`; a date or a timestamp in a form that is not read here; a key of a map twice.
    """
    if text is None or not text.strip(_CONTROLS):
        return None
    root = _root(schema)
    made = root(text)
    return None if made is None else json.dumps(made, ensure_ascii=False, separators=(",", ":"))


@lru_cache(maxsize=64)
def _root(schema: str) -> Convert:
    type = parse_ddl(schema)
    convert = _converter(type)

    def read(text: str) -> Any:
        nothing = {field.name: None for field in type.fields} if isinstance(type, Struct) else None
        try:
            value = read_exact(text)
            if isinstance(type, Array) and isinstance(type.element, Struct) and isinstance(value, Members):
                value = [value]
            return nothing if value is None else convert(value)
        except (Malformed, Unfit):
            return nothing

    return read


def _converter(type: SparkType) -> Convert:
    if isinstance(type, Struct):
        fields = {field.name: _converter(field.type) for field in type.fields}
        return partial(_struct, fields)
    if isinstance(type, Array):
        return partial(_array, _converter(type.element))
    if isinstance(type, Map):
        return partial(_map, _converter(type.value))
    if isinstance(type, Decimal):
        return partial(_decimal, type)
    if type in _BITS:
        return partial(_integer, 1 << _BITS[type])
    return {BOOLEAN: _boolean, DOUBLE: _double, STRING: _text, DATE: _date, TIMESTAMP: _timestamp}[type]


def _struct(fields: dict[str, Convert], value: Any) -> dict[str, Any]:
    if not isinstance(value, Members):
        raise Unfit
    made: dict[str, Any] = dict.fromkeys(fields)
    for name, one in value:
        if name in fields:
            try:
                made[name] = None if one is None else fields[name](one)
            except Unfit:
                continue
    return made


def _array(element: Convert, value: Any) -> list[Any]:
    if not isinstance(value, list) or isinstance(value, Members):
        raise Unfit
    return [None if one is None else element(one) for one in value]


def _map(convert: Convert, value: Any) -> dict[str, Any]:
    if not isinstance(value, Members):
        raise Unfit
    made = {_whole(name): None if one is None else convert(one) for name, one in value}
    if len(made) < len(value):
        raise Unread(
            "the JSON holds a name twice where a map is made: Spark keeps both, other engines cannot"
        )
    return made


def _integer(limit: int, value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not -limit <= value < limit:
        raise Unfit
    return value


def _boolean(value: Any) -> bool:
    if not isinstance(value, bool):
        raise Unfit
    return value


def _double(value: Any) -> str:
    if isinstance(value, str) and value in _NAMED:
        return _NAMED[value]
    if isinstance(value, str | bool | list):
        raise Unfit
    try:
        return repr(float(value))
    except OverflowError:
        return "Infinity" if value > 0 else "-Infinity"


def _decimal(type: Decimal, value: Any) -> str:
    if isinstance(value, str) and _DIGITS.fullmatch(value.replace(",", "")):
        value = Exact(value.replace(",", ""))
    if isinstance(value, bool | str | list | float) or not Exact(value).is_finite():
        raise Unfit
    exact = Exact(value)
    if exact and exact.adjusted() > type.precision - type.scale:
        raise Unfit
    try:
        rounded = exact.quantize(Exact(1).scaleb(-type.scale), context=_WIDE)
    except InvalidOperation:
        raise Unfit from None
    if rounded and rounded.adjusted() + type.scale + 1 > type.precision:
        raise Unfit
    return format(rounded, "f")


def _text(value: Any) -> str:
    return _whole(value) if isinstance(value, str) else write(value, escaped=True)


def _whole(text: str) -> str:
    """Half a pair of surrogates is no character: `?`."""
    return SINGLE.sub("?", text)


def _date(value: Any) -> str:
    day = read_day(value) if isinstance(value, str) else None
    if day is None:
        raise Unfit
    return day.isoformat()


def _timestamp(value: Any) -> str:
    moment: datetime.datetime | None = None
    if isinstance(value, str):
        moment = read_moment(value)
    elif isinstance(value, int) and not isinstance(value, bool):
        moment = from_seconds(value)
    if moment is None:
        raise Unfit
    return moment.isoformat(sep=" ")
