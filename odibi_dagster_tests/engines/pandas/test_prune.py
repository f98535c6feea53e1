"""Which files can match: never one too few, whatever the query; and not all where bounds tell."""

from __future__ import annotations

import itertools
import random
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from odibi_dagster.engines.pandas import prune, read
from odibi_dagster.engines.pandas.macros import Macros
from odibi_dagster.engines.pandas.needs import Comparison, Need, needs
from odibi_dagster.engines.protocol import DataFile, TableFiles
from odibi_dagster.sql import parse_query
from odibi_dagster.sql.compile import compile_query
from odibi_dagster.sql.types import DOUBLE, STRING, TIMESTAMP, Column, Decimal
from odibi_dagster_tests.engines.pandas.lake import NOW, Lake

VALUES = {
    "b": ["0", "-3", "7", "9223372036854775807", "NULL"],
    "i": ["0", "-1", "5", "NULL"],
    "d": ["DATE'2024-01-01'", "DATE'2024-02-29'", "DATE'0001-01-01'", "NULL"],
    "s": ["'a'", "'ab'", "'ä'", "'z z'", "'%'", "NULL"],
    "m": ["0.5", "-1.25", "99999.99", "NULL"],
    "f": ["0.5", "CAST('NaN' AS DOUBLE)", "-2.0", "NULL"],
    "p": ["'n'", "'a=b/c'", "'ä %'", "NULL"],
    "q": ["1", "2", "NULL"],
}
TYPES = {"b": "BIGINT", "i": "INTEGER", "d": "DATE", "s": "VARCHAR", "m": "DECIMAL(7,2)", "f": "DOUBLE",
         "p": "VARCHAR", "q": "INTEGER"}  # fmt: skip


def rows(pick: random.Random, count: int) -> str:
    columns = [
        f"CAST({pick.choice(VALUES[name])} AS {type}) AS {name}"
        for _ in range(count)
        for name, type in TYPES.items()
    ]
    each = [columns[n : n + len(TYPES)] for n in range(0, len(columns), len(TYPES))]
    return " UNION ALL ".join(f"SELECT {', '.join(one)}" for one in each)


def condition(pick: random.Random, depth: int = 0) -> str:
    kind = pick.random()
    if depth < 3 and kind < 0.45:
        word = pick.choice(["AND", "OR"])
        return f"({condition(pick, depth + 1)} {word} {condition(pick, depth + 1)})"
    if kind < 0.5:
        return f"NOT {condition(pick, 3)}"
    name = pick.choice(list(VALUES))
    value = pick.choice([v for v in VALUES[name] if v != "NULL"])
    if kind < 0.6:
        return f"t.{name} IS {pick.choice(['NULL', 'NOT NULL'])}"
    if kind < 0.7:
        return f"t.{name} IN ({value}, {pick.choice(VALUES[name][:2])})"
    if kind < 0.75:
        return f"t.{name} BETWEEN {value} AND {value}"
    operator = pick.choice(["=", "<", "<=", ">", ">=", "<>", "<=>"])
    return f"{value} {operator} t.{name}" if pick.random() < 0.3 else f"t.{name} {operator} {value}"


@pytest.mark.parametrize("partition_by", [(), ("p", "q")])
def test_every_file_with_a_row_that_matches_is_there(lake: Lake, partition_by: tuple[str, ...]) -> None:
    pick, left_out = random.Random(7), 0
    parts = [lake.stage(rows(pick, pick.choice([1, 3])), partition_by) for _ in range(6)]
    files = tuple(file for part in parts for file in part.files)
    table = TableFiles("silver.t", parts[0].table_url, 0, parts[0].schema, partition_by, files)
    names = [f"silver.t{n}" for n in range(len(files))]
    one_each = [replace(table, name=name, files=(file,)) for name, file in zip(names, files, strict=True)]
    with lake.session({one.name: one for one in one_each}, table="gold.x") as session:
        macros = Macros(session.connection)
        for _ in range(120):
            where = condition(pick)
            query = parse_query(f"SELECT t.* FROM silver.t t WHERE {where}", file="x", table="gold.x")
            compiled = compile_query(query, {"silver.t": table.schema}, now=NOW)
            macros.make(compiled.sql)
            need = needs(compiled.sql, ["silver.t"])["silver.t"]
            numbers = prune.matching(session.connection, table, need.condition)
            left_out += len(files) - len(numbers)
            for number in set(range(len(files))) - set(numbers):
                session.read(names[number])
                sql = compiled.sql.replace('"silver.t"', f'"{names[number]}"')
                assert session.connection.execute(sql).fetchall() == [], where
    assert left_out > 100


KINDS = ["INNER JOIN", "LEFT JOIN", "RIGHT JOIN", "FULL JOIN", "SEMI JOIN", "ANTI JOIN"]


def test_joins_of_what_is_left_have_the_same_rows(lake: Lake) -> None:
    pick, left_out = random.Random(11), 0
    tables = {}
    for name in ("silver.a", "silver.b"):
        parts = [lake.stage(rows(pick, 2), table=name) for _ in range(4)]
        files = tuple(file for part in parts for file in part.files)
        tables[name] = TableFiles(name, parts[0].table_url, 0, parts[0].schema, (), files)
    schemas = {name: table.schema for name, table in tables.items()}
    with lake.session(tables, table="gold.x") as session:
        connection, macros = session.connection, Macros(session.connection)
        for name in tables:
            session.read(name)
        for number in range(150):
            kind = pick.choice(KINDS)
            on = f"a.i = b.i AND {condition(pick, 2).replace('t.', pick.choice(['a.', 'b.']))}"
            sides = ["a."] if kind[:4] in ("SEMI", "ANTI") else ["a.", "b."]
            where = condition(pick, 1).replace("t.", pick.choice(sides))
            columns = "a.i, a.s" if len(sides) == 1 else "a.i, a.s, b.i AS j, b.s AS t"
            text = f"SELECT {columns} FROM silver.a a {kind} silver.b b ON {on} WHERE {where}"
            compiled = compile_query(parse_query(text, file="x", table="gold.x"), schemas, now=NOW)
            macros.make(compiled.sql)
            sql = compiled.sql
            for name, need in needs(compiled.sql, list(tables)).items():
                table = tables[name]
                numbers = prune.matching(connection, table, need.condition)
                left_out += len(table.files) - len(numbers)
                part = replace(table, files=tuple(table.files[n] for n in numbers))
                paths = [f"{table.url}/{file.path}" for file in part.files]
                view = f"{name[-1]}{number}"
                connection.execute(f"CREATE TEMP VIEW {view} AS {read.select(connection, part, paths)}")
                sql = sql.replace(f'"{name}"', view)
            found = [sorted(connection.execute(each).fetchall(), key=repr) for each in (sql, compiled.sql)]
            assert found[0] == found[1], text
    assert left_out > 100


def test_an_input_is_needed_by_each_place_that_names_it() -> None:
    sql = (
        'SELECT "a"."x" FROM "s.t" AS "a" INNER JOIN "s.t" AS "b" ON ("a"."x" = "b"."x") '
        'WHERE ("a"."y" = 1) AND ("b"."y" >= CAST(5 AS BIGINT))'
    )
    need = needs(sql, ["s.t"])["s.t"]
    assert need.columns == {"x", "y"} and need.condition is not None
    assert need.condition.parts == (  # type: ignore[union-attr]
        Comparison("y", "=", "1"),
        Comparison("y", ">=", "CAST(5 AS BIGINT)"),
    )
    everywhere = (
        'SELECT "a"."x" FROM "s.t" AS "a" WHERE ("a"."y" = 1) UNION ALL SELECT "b"."x" FROM "s.t" AS "b"'
    )
    assert needs(everywhere, ["s.t"])["s.t"] == Need(frozenset({"x", "y"}), None)
    inside = 'SELECT 1 AS "x" WHERE EXISTS (SELECT "b"."x" FROM "s.t" AS "b" WHERE ("b"."x" < 3))'
    assert needs(inside, ["s.t"])["s.t"].condition == Comparison("x", "<", "3")


@pytest.mark.parametrize(
    "where",
    [
        '("b"."x" = "a"."x")',
        '("b"."x" = random())',
        '("b"."x" = (SELECT 1))',
        '("b"."x" <> 1)',
        '(NOT "b"."x" = 1)',
    ],
)
def test_what_is_not_understood_needs_every_row(where: str) -> None:
    sql = f'SELECT "b"."x" FROM "s.t" AS "b" CROSS JOIN "s.u" AS "a" WHERE {where}'
    assert needs(sql, ["s.t", "s.u"])["s.t"].condition is None


def stats(low: Any, high: Any, nulls: int = 0) -> dict[str, Any]:
    return {"numRecords": 5, "minValues": {"c": low}, "maxValues": {"c": high}, "nullCount": {"c": nulls}}


SECOND = stats("2024-01-01T00:00:00.000Z", "2024-01-01T00:00:01.000Z")
LARGE = "CAST(1000000000000000000000000000001 AS DECIMAL(38,0))"


@pytest.mark.parametrize(
    ("type", "given", "value", "found"),
    [
        # Spark cuts timestamps down to milliseconds.
        (TIMESTAMP, SECOND, "CAST('2024-01-01 00:00:01.0005+00' AS TIMESTAMPTZ)", True),
        (TIMESTAMP, SECOND, "CAST('2024-01-01 00:00:02+00' AS TIMESTAMPTZ)", False),
        # NaN is in no bound, and larger than all of them.
        (DOUBLE, stats(1.0, 2.0), "3.0", True),
        # JSON's doubles do not hold so many digits.
        (Decimal(38, 0), stats(1e30, 1e30), LARGE, True),
        (Decimal(10, 2), stats(1.5, 1e2), "CAST(100 AS DECIMAL(10,2))", True),
        (Decimal(10, 2), stats(1.5, 1e2), "CAST(100.01 AS DECIMAL(10,2))", False),
        (STRING, stats("a", "c"), "'d'", False),
        (STRING, stats("a", "c", nulls=5), "'b'", False),
        (STRING, {}, "'b'", True),
        (STRING, {"numRecords": 5}, "'b'", True),
        (STRING, stats(None, None), "'b'", True),
        (STRING, stats(date(2024, 1, 1), date(2024, 1, 2)), "'2024-01-01'", True),
    ],
)  # fmt: skip
def test_bounds_of_other_writers(
    lake: Lake, type: Any, given: dict[str, Any], value: str, found: bool
) -> None:
    file = DataFile("part.parquet", 1, 5, given)
    table = TableFiles("s.t", "/t", 0, (Column("c", type),), (), (file,))
    with lake.session() as session:
        numbers = {
            prune.matching(session.connection, table, Comparison("c", op, value)) for op in ("=", ">=")
        }
    assert numbers == ({(0,)} if found else {()})


def test_a_constant_that_cannot_be_is_left_to_the_query(lake: Lake) -> None:
    staged = lake.stage("SELECT date '2024-01-01' AS c")
    with lake.session() as session:
        wrong = Comparison("c", "=", "CAST('never' AS DATE)")
        assert prune.matching(session.connection, lake.files(staged), wrong) == (0,)


def test_thousands_of_files_are_looked_through_quickly(lake: Lake) -> None:
    import time

    files = tuple(
        DataFile(f"{n}.parquet", 1, 1, {}, {"day": f"20{y:02}-{m:02}-{d:02}"})
        for n, (y, m, d) in enumerate(itertools.product(range(30), range(1, 13), range(1, 29)))
    )
    from odibi_dagster.sql.types import DATE

    table = TableFiles("s.t", "/t", 0, (Column("day", DATE), Column("v", STRING)), ("day",), files)
    with lake.session() as session:
        started = time.monotonic()
        few = prune.matching(session.connection, table, Comparison("day", ">=", "DATE '2029-12-01'"))
        assert len(few) == 28 and time.monotonic() - started < 2
