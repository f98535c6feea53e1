"""The tables that cases read: few rows, each nasty in some way; the same text makes them in both engines."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from odibi_dagster.sql import Schema
from odibi_dagster_tests.sql.conftest import schema

Cell = str | None


@dataclass(frozen=True)
class Rows:
    """A table's columns (`name type, …`) and its cells as text.

    Nested cells are JSON, binary ones hexadecimal; timestamps are ISO 8601 in UTC.
    """

    columns: str
    cells: tuple[tuple[Cell, ...], ...]

    @property
    def schema(self) -> Schema:
        return schema(self.columns)


# One line a column, one place a row; row 4 is nothing but NULLs.
_V: dict[str, tuple[Cell, ...]] = {
    "id int": ("1", "2", "3", "4", "5", "6", "7", "8"),
    "g int": ("1", "1", "2", "2", "2", "3", "3", "1"),
    "i int": ("1", "2", "7", None, "2147483647", "-5", "0", "4"),
    "j int": ("3", "-4", "2", None, "1", "-3", "7", "1"),
    "bi bigint": ("10", "-7", "9007199254740993", None, "9223372036854775807", "5", "0", "-1"),
    "si smallint": ("1", "-2", "300", None, "32767", "5", "0", "-7"),
    "ti tinyint": ("1", "-3", "100", None, "127", "5", "0", "-100"),
    "d double": ("1.5", "-2.5", "0.1", None, "1000000000000000.0", "-0.0", "0.0", "-3.7"),
    # Whatever a double can be; `d` above is tame, so that casts of it succeed.
    "x double": ("NaN", "Infinity", "-Infinity", None, "1.7976931348623157E308", "-0.0", "4.9E-324", "2.5"),
    "f float": ("NaN", "Infinity", "-0.0", None, "3.4028235E38", "1.4E-45", "0.1", "-2.5"),
    "a decimal(10,2)": ("10.25", "-10.25", "0.05", None, "99999999.99", "33.33", "0.00", "-0.01"),
    "b decimal(12,4)": ("12.3450", "-12.3450", "0.0050", None, "99999999.9999", "66.6667", "0.0001", "1.0000"),
    "w decimal(20,6)": (
        "1.000001", "-7.500000", "99999999999999.999999", None, "0.000001", "3.000000", "0.500000", "-2.000000",
    ),
    "h decimal(28,3)": (
        "1000.005", "-3.333", "0.001", None, "12345678901234567890.123", "5.500", "7.250", "-0.500",
    ),
    # All 38 digits, without and with places.
    "h38 decimal(38,0)": (
        "99999999999999999999999999999999999999", "-99999999999999999999999999999999999999", "0", None, "1",
        "-5", "12345678901234567890123456789012345678", "2",
    ),
    "p38 decimal(38,10)": (
        "9999999999999999999999999999.9999999999", "-0.0000000001", "0.0000000000", None, "1.0000000000",
        "-2.5000000000", "1234567890123456789012345678.0123456789", "0.5000000000",
    ),
    "bo boolean": ("true", "false", None, None, "true", "false", "true", "false"),
    "s string": ("abc", "  Pad  ", "Straße ǅ ΑΣ", None, "", "a%b_c", "ÄÖ😀", "a,b,,c"),
    "t string": ("b", "Pad", "ß", None, "", "_", "😀", ","),
    "n string": ("12", " -5 ", "+7", None, "0", "99", "1", "2147483647"),
    # Unicode: a combining accent, a dotted capital I, a zero-width joiner, a no-break space, a line break.
    "u string": ("e\u0301é", "İI\u0131i", "👩\u200d👩\u200d👧", None, "\u00a0x\u2003", "a\nb\tc", "ŉﬃǰ", "日本語"),
    "js string": (
        '{"a": 1, "b": [1, 2, {"c": "x"}], "n": null}', '[1, 2.5, "three", null]', '{"a": "é😀", "d": 1.50}',
        None, "", "{bad", '{"a": {"b": {"c": true}}}', ' {"a":1,"a":2} ',
    ),
    "bin binary": ("00FF", "616263", "C3A9", None, "", "F09F9880", "FF", "20"),
    "dt date": (
        "2024-01-31", "2023-12-31", "1900-02-28", None, "2024-02-29", "2000-02-29", "2024-12-30", "1969-12-31",
    ),
    # Before the calendar's reform, its gap, the first and the last year.
    "xd date": (
        "0001-01-01", "9999-12-31", "1582-10-04", None, "1582-10-15", "1500-02-28", "1582-10-10", "0100-03-01",
    ),
    "ts timestamp": (
        "2024-01-31T10:20:30.123456Z", "2023-12-31T23:59:59Z", "1970-01-01T00:00:00Z", None,
        "1999-12-31T01:02:03Z", "2038-01-19T03:14:07Z", "2024-12-30T00:00:00.000005Z", "1969-12-31T23:59:59.999999Z",
    ),
    "xt timestamp": (
        "0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999Z", "1582-10-04T12:00:00Z", None,
        "1582-10-15T00:00:00Z", "1899-12-31T23:59:59.5Z", "2024-03-31T01:30:00Z", "0999-07-08T09:10:11.000001Z",
    ),
    "tn timestamp_ntz": (
        "2024-01-31T10:20:30.123456", "2023-12-31T23:59:59", "0001-01-01T00:00:00", None,
        "9999-12-31T23:59:59.999999", "1582-10-10T00:00:00", "2024-03-31T02:30:00", "1970-01-01T00:00:00",
    ),
    "ai array<int>": (
        "[1, 2, 3]", "[]", "[null]", None, "[2147483647, null, -1, 2147483647]", "[0]", "[3, 1, 2, 1]", "[5, 4]",
    ),
    "aj array<int>": (
        "[3, 4]", "[]", "[1, null]", None, "[null, null, -1]", "[]", "[1, 1, 9]", "[4, 5]",
    ),
    "sa array<string>": (
        '["a", "b"]', "[]", '["", null, "ß"]', None, '["b", "a", "b"]', "[null]", '["😀", "ÄÖ", "a b"]', '["B", "a"]',
    ),
    "m map<string,int>": (
        '{"a": 1, "b": 2}', "{}", '{"a": null}', None, '{"b": 3, "a": -1}', '{"": 0}', '{"ß": 7, "😀": 8}', '{"c": 3}',
    ),
    "st struct<a:int,b:string>": (
        '{"a": 1, "b": "x"}', '{"a": null, "b": "y"}', '{"a": 7, "b": null}', None, '{"a": null, "b": null}',
        '{"a": -5, "b": ""}', '{"a": 0, "b": "😀"}', '{"a": 4, "b": "x"}',
    ),
    "sts array<struct<k:string,v:decimal(5,2)>>": (
        '[{"k": "x", "v": 1.50}, {"k": null, "v": null}]', "[]", "[null]", None, '[{"k": "", "v": -0.01}]',
        '[{"k": "b", "v": 999.99}, {"k": "a", "v": 1}]', "[]", '[{"k": "z", "v": 2}]',
    ),
}  # fmt: skip

_READ = json.loads((Path(__file__).parent / "rows.json").read_text(encoding="utf-8"))

#: `silver.v` for expressions; `silver.e` is as it and empty; `silver.o` and `silver.c` are orders and
#: customers to join and group; `silver.w` is one column of texts that may or may not be numbers and dates.
#: The others are the inputs of the package's own tables.
TABLES: dict[str, Rows] = {
    "silver.v": Rows(", ".join(_V), tuple(zip(*_V.values(), strict=True))),
    "silver.e": Rows(", ".join(_V), ()),
    **{
        name: Rows(table["columns"], tuple(tuple(row) for row in table["rows"]))
        for name, table in _READ.items()
    },
}
