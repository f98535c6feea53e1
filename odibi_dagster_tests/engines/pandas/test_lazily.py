"""What a relation's query needs of its remote inputs: the same rows whatever is left out."""

from __future__ import annotations

import random
from dataclasses import replace

import duckdb
import pytest

from odibi_dagster.engines.pandas import prune, read
from odibi_dagster.engines.pandas.lazily import needed
from odibi_dagster.engines.protocol import TableFiles
from odibi_dagster_tests.engines.pandas.lake import Lake
from odibi_dagster_tests.engines.pandas.relations import Relations
from odibi_dagster_tests.engines.pandas.test_prune import rows


@pytest.mark.parametrize("seed", [1, 2])
def test_a_relation_over_what_it_needs_has_the_same_rows(lake: Lake, seed: int) -> None:
    pick, tables = random.Random(seed), {}
    for name in ("silver.a", "silver.b"):
        parts = [lake.stage(rows(pick, pick.choice([1, 2])), table=name) for _ in range(5)]
        files = tuple(file for part in parts for file in part.files)
        tables[name] = TableFiles(name, parts[0].table_url, 0, parts[0].schema, (), files)
    relations, compared, left_out = Relations(pick, list(tables)), 0, 0
    with lake.session(tables, table="gold.x") as session:
        connection = session.connection
        for name in tables:
            session.read(name)
        for number in range(250):
            text, names = relations.query()
            try:
                relation = connection.sql(text)
                if pick.random() < 0.5:
                    relation = relation.filter(relations.condition("", names))
                sql = relation.sql_query()
                whole = connection.execute(sql).fetchall()
            except duckdb.Error:
                continue  # such as 'a' compared with a number: nothing to compare
            for name, need in needed(sql, tables).items():
                table = tables[name]
                numbers = prune.matching(connection, table, need.condition)
                left_out += len(table.files) - len(numbers)
                part = replace(table, files=tuple(table.files[n] for n in numbers))
                paths = [f"{table.url}/{file.path}" for file in part.files]
                view = f"{name[-1]}{number}"
                connection.execute(f"CREATE TEMP VIEW {view} AS {read.select(connection, part, paths)}")
                sql = sql.replace(f'"{name}"', view)
            # As text: NaN is not equal to itself.
            assert sorted(map(repr, connection.execute(sql).fetchall())) == sorted(map(repr, whole)), text
            compared += 1
    assert compared > 100 and left_out > 50


@pytest.mark.parametrize(
    "sql",
    [
        'SELECT * FROM (SELECT * FROM "silver.t" USING SAMPLE 10 ROWS) AS q WHERE x > 1',
        'SELECT * FROM "silver.t" TABLESAMPLE 10% WHERE x > 1',
        'SELECT * FROM "silver.t" AS t, other WHERE t.x > 1',
        'SELECT (SELECT max(u.x) FROM "silver.t" AS u WHERE u.x < t.x) FROM "silver.t" AS t WHERE t.x > 1',
        "nonsense (",
    ],
)
def test_a_query_that_is_not_understood_as_a_whole_gets_its_inputs_whole(lake: Lake, sql: str) -> None:
    staged = lake.stage("SELECT 1 AS x")
    table = TableFiles("silver.t", staged.table_url, 0, staged.schema, (), staged.files)
    assert all(need.condition is None for need in needed(sql, {"silver.t": table}).values())
