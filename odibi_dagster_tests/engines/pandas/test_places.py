"""Conditions reach the inputs through CTEs and subqueries, and never leave out a file that matters."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from odibi_dagster.engines.pandas import prune, read
from odibi_dagster.engines.pandas.engine import PandasEngine
from odibi_dagster.engines.pandas.macros import Macros
from odibi_dagster.engines.pandas.needs import Combined, Condition, needs
from odibi_dagster.engines.protocol import TableFiles
from odibi_dagster.sql import parse_query
from odibi_dagster.sql.compile import compile_query
from odibi_dagster_tests.engines.pandas.lake import NOW, Lake
from odibi_dagster_tests.engines.pandas.test_prune import TYPES, VALUES, condition, rows

A, B = "silver.a", "silver.b"


class Asked:
    """Two tables of a few small files each, and a session that holds all of them."""

    def __init__(self, lake: Lake) -> None:
        pick = random.Random(5)
        self.tables, self.left_out = {}, 0
        for name in (A, B):
            parts = [lake.stage(rows(pick, 2), table=name) for _ in range(5)]
            files = tuple(file for part in parts for file in part.files)
            self.tables[name] = TableFiles(name, parts[0].table_url, 0, parts[0].schema, (), files)
        self.schemas = {name: table.schema for name, table in self.tables.items()}

    def compile(self, text: str) -> str:
        return compile_query(parse_query(text, file="x", table="gold.x"), self.schemas, now=NOW).sql

    def condition(self, text: str, table: str = A) -> str:
        """What a query needs of a table, in short."""
        return shown(needs(self.compile(text), list(self.schemas))[table].condition)

    def rows(self, connection: Any, text: str) -> tuple[list[Any], list[Any]]:
        """A query's rows with all files, and with those that it can need."""
        sql = self.compile(text)
        Macros(connection).make(sql)
        everything = sorted(connection.execute(sql).fetchall(), key=repr)
        for name, need in needs(sql, list(self.tables)).items():
            table = self.tables[name]
            numbers = prune.matching(connection, table, need.condition)
            self.left_out += len(table.files) - len(numbers)
            part = replace(table, files=tuple(table.files[n] for n in numbers))
            paths = [f"{table.url}/{file.path}" for file in part.files]
            few = f"CREATE OR REPLACE TEMP VIEW few_{name[-1]} AS {read.select(connection, part, paths)}"
            connection.execute(few)
            sql = sql.replace(f'"{name}"', f"few_{name[-1]}")
        return everything, sorted(connection.execute(sql).fetchall(), key=repr)


def shown(found: Condition | None) -> str:
    if found is None:
        return "every row"
    if isinstance(found, Combined):
        return "(" + f" {found.word} ".join(shown(part) for part in found.parts) + ")"
    return f"{found.column} {found.operator} {found.value}"


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Asked, Any]]:
    lake = Lake(tmp_path_factory.mktemp("places"), PandasEngine(memory_limit="500MB", threads=1))
    made = Asked(lake)
    with lake.session(made.tables, table="gold.x") as session:
        for name in made.tables:
            session.read(name)
        yield made, session.connection


class Queries:
    """Random queries, one in another, each with the columns of the tables."""

    def __init__(self, pick: random.Random) -> None:
        self.pick, self.ctes, self.number = pick, list[str](), 0

    def text(self) -> str:
        body = self.query(3)
        return f"WITH {', '.join(self.ctes)} {body}" if self.ctes else body

    def query(self, depth: int) -> str:
        if depth == 0 or self.pick.random() < 0.1:
            return (
                f"SELECT {self.columns()} FROM {self.pick.choice([A, B])} t WHERE {condition(self.pick, 2)}"
            )
        kinds = [self.plain, self.cte, self.shared, self.group, self.window, self.set, self.limit, self.join]
        return self.pick.choice([*kinds, self.inside])(depth - 1)

    def columns(self, **other: str) -> str:
        return ", ".join(f"{other[name]} AS {name}" if name in other else f"t.{name}" for name in TYPES)

    def where(self, alias: str = "t") -> str:
        return condition(self.pick, self.pick.choice([1, 2, 3])).replace("t.", f"{alias}.")

    def keys(self) -> list[str]:
        return self.pick.sample(sorted(TYPES), self.pick.choice([1, 2, 4]))

    def plain(self, depth: int) -> str:
        distinct = self.pick.choice(["", "DISTINCT "])
        return f"SELECT {distinct}{self.columns()} FROM ({self.query(depth)}) t WHERE {self.where()}"

    def _cte(self, depth: int) -> str:
        query = self.query(depth)
        self.number += 1
        self.ctes.append(f"c{self.number} AS ({query})")
        return f"c{self.number}"

    def cte(self, depth: int) -> str:
        return f"SELECT {self.columns(b='COALESCE(t.b, 1)')} FROM {self._cte(depth)} t WHERE {self.where()}"

    def shared(self, depth: int) -> str:
        name, each = self._cte(depth), f"SELECT {self.columns()} FROM {{}} t WHERE {{}}"
        return f"{each.format(name, self.where())} UNION ALL {each.format(name, self.where())}"

    def group(self, depth: int) -> str:
        keys = self.keys()
        columns = self.columns(**{name: f"MAX(t.{name})" for name in TYPES if name not in keys})
        by = ", ".join(f"t.{key}" for key in keys)
        value = next(value for value in VALUES[keys[0]] if value != "NULL")
        having = self.pick.choice(["", f" HAVING t.{keys[0]} >= {value}", " HAVING MAX(t.b) > 0"])
        return f"SELECT {columns} FROM ({self.query(depth)}) t WHERE {self.where()} GROUP BY {by}{having}"

    def window(self, depth: int) -> str:
        by = ", ".join(f"t.{key}" for key in self.keys())
        count = f"CAST(COUNT(*) OVER (PARTITION BY {by}) AS INT)"
        return f"SELECT {self.columns(q=count)} FROM ({self.query(depth)}) t WHERE {self.where()}"

    def set(self, depth: int) -> str:
        word = self.pick.choice(["UNION ALL", "UNION", "EXCEPT", "INTERSECT"])
        both = f"({self.query(depth)}) {word} ({self.query(depth)})"
        return f"SELECT {self.columns()} FROM ({both}) t WHERE {self.where()}"

    def limit(self, depth: int) -> str:
        return f"SELECT {self.columns()} FROM ({self.query(depth)}) t ORDER BY {', '.join(TYPES)} LIMIT 2"

    def join(self, depth: int) -> str:
        kind = self.pick.choice(["INNER", "LEFT", "RIGHT", "FULL", "SEMI", "ANTI"])
        alone = kind in ("SEMI", "ANTI")
        columns = self.columns(**({} if alone else {name: f"u.{name}" for name in "bisp"}))
        on = f"t.i = u.i AND {self.where(self.pick.choice('tu'))}"
        where = self.where("t" if alone else self.pick.choice("tu"))
        return (
            f"SELECT {columns} FROM ({self.query(depth)}) t {kind} JOIN ({self.query(depth)}) u "
            f"ON {on} WHERE {where}"
        )

    def inside(self, depth: int) -> str:
        within = f"SELECT u.i FROM ({self.query(depth)}) u WHERE {self.where('u')}"
        return (
            f"SELECT {self.columns()} FROM ({self.query(depth)}) t WHERE t.i IN ({within}) AND {self.where()}"
        )


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(0, 2**32))
def test_the_rows_are_the_same_without_the_files_that_are_left_out(
    asked: tuple[Asked, Any], seed: int
) -> None:
    made, connection = asked
    text = Queries(random.Random(seed)).text()
    before = made.left_out
    everything, few = made.rows(connection, text)
    event(f"rows: {bool(everything)}, files left out: {made.left_out > before}")
    assert list(map(repr, few)) == list(map(repr, everything)), text  # NaN is not NaN


def test_files_are_left_out_below_each_kind_of_query(asked: tuple[Asked, Any]) -> None:
    """The property above would hold of needing everything, too."""
    made, _ = asked
    told = {
        f"WITH x AS (SELECT s AS n, i + 1 AS j FROM {A} WHERE b > 1) SELECT n FROM x WHERE n = 'a' AND j = 2":
            "(s = 'a' AND b > CAST(1 AS BIGINT))",
        f"SELECT q.i FROM (SELECT DISTINCT i FROM {A}) q WHERE q.i = 3": "i = 3",
        f"SELECT i FROM (SELECT i, COUNT(*) AS n FROM {A} GROUP BY i) q WHERE i = 3 AND n = 5": "i = 3",
        f"SELECT i, SUM(b) AS b FROM {A} GROUP BY i HAVING i = 3 AND SUM(b) > 5": "i = 3",
        f"SELECT i FROM (SELECT i, RANK() OVER (PARTITION BY s, i ORDER BY b) AS r FROM {A}) WHERE i = 3":
            "i = 3",
        f"SELECT i FROM (SELECT i FROM {B} UNION SELECT q AS j FROM {A}) WHERE i = 2": "q = 2",
        f"WITH x AS (SELECT i FROM {A}), y AS (SELECT i FROM x WHERE i > 3) "
        "SELECT y.i FROM y LEFT JOIN x ON x.i = y.i AND x.i < 9": "(i < 9 OR i > 3)",
        f"SELECT b.i FROM {B} b JOIN (SELECT i AS k, s FROM {A}) a ON a.k = b.i AND a.k = 3": "i = 3",
        f"SELECT b.i FROM {B} b LEFT JOIN {A} a ON a.i = b.i AND a.s = 'a'": "s = 'a'",
        f"SELECT b.i FROM {A} a RIGHT JOIN {B} b ON a.i = b.i AND a.s = 'a'": "s = 'a'",
        f"SELECT i FROM {B} WHERE EXISTS (SELECT 1 FROM {A} a WHERE a.s = 'a')": "s = 'a'",
    }  # fmt: skip
    assert {text: made.condition(text) for text in told} == told


@pytest.mark.parametrize(
    "text",
    [
        f"SELECT a.i FROM {A} a LEFT JOIN {B} b ON a.i = b.i AND a.i = 3",
        f"SELECT a.i FROM {B} b RIGHT JOIN {A} a ON a.i = b.i AND a.i = 3",
        f"SELECT a.i FROM {B} b FULL JOIN {A} a ON a.i = b.i AND a.i = 3",
        f"SELECT i FROM (SELECT i FROM {A} ORDER BY i LIMIT 3) WHERE i = 2",
        f"SELECT i FROM (SELECT i, RANK() OVER (ORDER BY i) AS r FROM {A}) WHERE i = 3",
        f"SELECT i FROM (SELECT i, RANK() OVER (PARTITION BY i ORDER BY b) AS r, "
        f"RANK() OVER (PARTITION BY s ORDER BY b) AS t FROM {A}) WHERE i = 3",
        f"SELECT m FROM (SELECT MAX(i) AS m FROM {A}) WHERE m = 3",
        f"SELECT i, MAX(b) AS b FROM {A} GROUP BY i HAVING MAX(b) > 3",
        f"WITH x AS (SELECT i FROM {A}) SELECT x.i FROM x WHERE x.i = 3 UNION ALL SELECT x.i FROM x",
        f"SELECT i FROM (SELECT i FROM {B} UNION SELECT i + 1 AS i FROM {A}) WHERE i = 2",
    ],
)  # fmt: skip
def test_what_a_condition_says_of_the_result_alone_leaves_out_nothing(
    asked: tuple[Asked, Any], text: str
) -> None:
    assert asked[0].condition(text) == "every row"


def test_names_that_mean_two_things_leave_out_nothing() -> None:
    twice = (
        'WITH "x" AS (SELECT "t"."i" AS "i" FROM "s.t" AS "t"), "y" AS (WITH "x" AS (SELECT 1 AS "i") '
        'SELECT "a"."i" AS "i" FROM "x" AS "a" WHERE ("a"."i" = 2)) SELECT "b"."i" FROM "x" AS "b"'
    )
    as_input = 'WITH "s.t" AS (SELECT 1 AS "i") SELECT "a"."i" FROM "s.t" AS "a" WHERE ("a"."i" = 2)'
    rollup = (
        'SELECT "q"."i" FROM (SELECT "t"."i" AS "i" FROM "s.t" AS "t" GROUP BY ROLLUP ("t"."i")) AS "q" '
        'WHERE ("q"."i" = 2)'
    )
    for sql in (twice, as_input, rollup):
        assert needs(sql, ["s.t"])["s.t"].condition is None
