"""Times as numbers since 1970, and in other time zones."""

from __future__ import annotations

import re

from odibi_dagster.sql import coerce
from odibi_dagster.sql.typed import Typed, text
from odibi_dagster.sql.types import (
    BIGINT,
    DATE,
    DOUBLE,
    INTEGRAL,
    STRING,
    TIMESTAMP,
    TIMESTAMP_NTZ,
    Decimal,
)

from .entry import Call, Entry
from .moments import as_instant, moment

_MACRO = "CREATE OR REPLACE TEMP MACRO spark_"
_EARLIER = "(timezone(zone, t - INTERVAL 1 DAY) + INTERVAL 1 DAY)"
EPOCH_MACROS: tuple[str, ...] = (
    f"{_MACRO}floor_div(x, unit) AS (x - ((x % unit) + unit) % unit) // unit",
    # A time that the clocks showed twice is the first of the two, as in Java; DuckDB takes the second.
    f"{_MACRO}to_utc(zone, t) AS CASE WHEN timezone(zone, {_EARLIER}) = t "
    f"THEN least(timezone(zone, t), {_EARLIER}) ELSE timezone(zone, t) END",
)
_UNITS = {"seconds": 1_000_000, "millis": 1_000, "micros": 1}


def since(call: Call) -> Typed:
    """unix_seconds, unix_millis, unix_micros: whole units since 1970 in UTC."""
    if call.args[0].type != TIMESTAMP:
        raise call.refuse(f"{call.args[0].name} is {call.args[0].type}: CAST it to TIMESTAMP.")
    unit = _UNITS[call.name.removeprefix("unix_")]
    sql = f"epoch_us({call.args[0].sql})"
    return call.result(sql if unit == 1 else f"spark_floor_div({sql}, {unit})", BIGINT)


def from_epoch(call: Call) -> Typed:
    """timestamp_seconds, timestamp_millis, timestamp_micros: the instant so long after 1970."""
    value, unit = call.args[0], _UNITS[call.name.removeprefix("timestamp_")]
    if value.type in INTEGRAL:
        micros = f"{coerce.to(value, BIGINT)} * {unit}::BIGINT" if unit > 1 else coerce.to(value, BIGINT)
    elif call.name == "timestamp_seconds" and isinstance(value.type, Decimal) and value.type.scale <= 6:
        micros = f"CAST(CAST({value.sql} AS DECIMAL(38,6)) * 1000000 AS BIGINT)"
    elif call.name == "timestamp_seconds" and value.type == DOUBLE:
        micros = f"CASE WHEN isfinite({value.sql}) THEN CAST(trunc({value.sql} * 1e6) AS BIGINT) END"
    else:
        raise call.refuse(f"{value.name} is {value.type}: CAST it to BIGINT or DECIMAL(38,6).")
    return call.result(f"make_timestamptz({micros})", TIMESTAMP, nullable=True)


_ZONE = re.compile(r"([+-])(\d{2}):(\d{2})")


def _zone(call: Call, at: int) -> str:
    """A literal zone's name as DuckDB knows it, or an offset.

    Raises:
        Refusal: it is no literal, or names no region and no offset.
    """
    import zoneinfo

    name = call.literal(at)
    if isinstance(name, str):
        if name == "UTC" or _ZONE.fullmatch(name):
            return name
        if "/" in name and not name.startswith("Etc/") and name in zoneinfo.available_timezones():
            return name
    raise call.refuse("The time zone is a literal: 'UTC', 'Europe/Berlin' or '+02:00'.")


def _offset(zone: str) -> int | None:
    """The minutes of an offset; None for a region."""
    match = _ZONE.fullmatch(zone)
    if zone == "UTC":
        return 0
    if match is None:
        return None
    return (1 if match[1] == "+" else -1) * (int(match[2]) * 60 + int(match[3]))


def _local(utc: str, zone: str) -> str:
    """The wall clock in a zone when it is `utc` (a wall clock as well) in UTC."""
    if (minutes := _offset(zone)) is not None:
        return f"({utc} + to_minutes({minutes}))"
    return f"timezone({text(zone)}, ({utc} AT TIME ZONE 'UTC'))"


def _utc(local: str, zone: str) -> str:
    if (minutes := _offset(zone)) is not None:
        return f"({local} - to_minutes({minutes}))"
    return f"(spark_to_utc({text(zone)}, {local}) AT TIME ZONE 'UTC')"


def from_utc(call: Call) -> Typed:
    """from_utc_timestamp(t, 'zone'): what clocks in the zone show at t."""
    return call.result(as_instant(_local(moment(call), _zone(call, 1))), TIMESTAMP)


def to_utc(call: Call) -> Typed:
    """to_utc_timestamp(t, 'zone'): what clocks in UTC show when those in the zone show t."""
    return call.result(as_instant(_utc(moment(call), _zone(call, 1))), TIMESTAMP)


def convert_timezone(call: Call) -> Typed:
    """convert_timezone(['from',] 'to', t): what clocks in one zone show when those in another show t."""
    *zones, value = call.args
    if value.type not in (TIMESTAMP_NTZ, TIMESTAMP, DATE):
        raise call.refuse(f"{value.name} is {value.type}: CAST it to TIMESTAMP_NTZ.")
    source = _zone(call, 0) if len(zones) == 2 else "UTC"
    sql = _local(_utc(moment(call, len(zones)), source), _zone(call, len(zones) - 1))
    names = [arg.name for arg in call.args]
    if len(zones) == 1:
        names.insert(0, "current_timezone()")
    return call.result(sql, TIMESTAMP_NTZ, name=f"convert_timezone({', '.join(names)})")


def timezone(call: Call) -> Typed:
    """current_timezone(): UTC."""
    return call.result("'UTC'", STRING, nullable=False)


_Z = "literal zone"
_RULE = "the time zone database; Java's for a time that clocks show twice or never"
_LIMITS = "'UTC', a region with /, an offset as +02:00"
TITLE = "Epochs and time zones"
ENTRIES = (
    *(Entry(f"unix_{unit}", "timestamp", "bigint", since) for unit in _UNITS),
    Entry(
        "timestamp_seconds",
        "integer, decimal of at most 6 places, double",
        "timestamp",
        from_epoch,
    ),
    *(Entry(f"timestamp_{unit}", "integer", "timestamp", from_epoch) for unit in ("millis", "micros")),
    *(
        Entry(name, f"timestamp, {_Z}", "timestamp", emit, (2, 2), literals=(1,), rule=_RULE, limits=_LIMITS)
        for name, emit in (("from_utc_timestamp", from_utc), ("to_utc_timestamp", to_utc))
    ),
    Entry(
        "convert_timezone",
        f"[{_Z},] {_Z}, timestamp_ntz",
        "timestamp_ntz",
        convert_timezone,
        (2, 3),
        literals=(0,),
        rule=_RULE,
        limits=_LIMITS,
    ),
    Entry("current_timezone", "nothing", "string", timezone, (0, 0)),
)
