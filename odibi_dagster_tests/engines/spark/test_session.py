"""What a session of Spark does is what a session of the pandas engine does."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from odibi_dagster.engines.protocol import Staged
from odibi_dagster.errors import DataError, SqlError
from odibi_dagster_tests.engines.pandas.lake import NOW, ask
from odibi_dagster_tests.engines.spark.lake import Lake, query, sorted_rows

ROWS = """
    SELECT range::INTEGER AS id, (range / 4)::DECIMAL(10,2) AS amount, range % 2 = 0 AS even,
    CASE WHEN range % 4 = 0 THEN NULL WHEN range % 4 = 1 THEN 'a/b ü' WHEN range % 4 = 2 THEN 'x+y %20'
    ELSE 'p' END AS k, TIMESTAMPTZ '2024-01-01 00:00:00.1234567+00' + INTERVAL (range) MINUTE AS t,
    DATE '1500-01-01' + range::INTEGER AS d, CASE WHEN range = 3 THEN 'nan'::DOUBLE ELSE range / 8 END AS f
    FROM range(40)
"""
Work = Callable[[Any, Staged], Staged]


def both(lake: Lake, source: Staged, sql: str, work: Work, partition_by: tuple[str, ...] = ()) -> list[Any]:
    """What each engine makes of the same work on the same staged rows: rows in order, and how many files."""
    results = []
    for each in (lake, lake.other):
        with each.session({"silver.out": lake.files(source)}, table="gold.x") as session:
            relation = query(session, sql)
            staged = work(session, session.stage(relation, partition_by))
            columns = [column.name for column in staged.schema]
            rows = sorted_rows(session, session.staged(staged), columns)
            assert len(rows) == staged.rows
            results.append((staged.schema, rows))
    return results


@pytest.mark.parametrize("partition_by", [(), ("k", "even")])
def test_staged_rows_are_the_query_s(lake: Lake, partition_by: tuple[str, ...]) -> None:
    sql = "SELECT id, k, even, amount * 2 AS twice, t, d, f, CURRENT_TIMESTAMP() AS at FROM silver.out"
    source = lake.make(ROWS, ("k",))
    spark, pandas = both(lake, source, sql, lambda _, staged: staged, partition_by)
    assert [(c.name, c.type) for c in spark[0]] == [(c.name, c.type) for c in pandas[0]]
    assert repr(spark[1]) == repr(pandas[1]) and spark[1][0]["at"] == NOW


@pytest.mark.parametrize("partition_by", [("k",)])
def test_rows_are_left_out(lake: Lake, partition_by: tuple[str, ...]) -> None:
    source = lake.make(ROWS, ("k",))
    sql = "SELECT id, k, even, id % 7 AS seven FROM silver.out"

    def condition(session: Any, staged: Staged) -> Staged:
        return session.drop(staged, f"{session.name('seven')} = 3")

    def missing(session: Any, staged: Staged) -> Staged:
        return session.drop_missing(staged, ("seven", "k"), "silver.out", ("id", "k"))

    def doubled(session: Any, staged: Staged) -> Staged:
        kept = session.drop_duplicates(staged, ("even", "k"), [("seven", True)])
        return session.drop_duplicates(kept, ("k",), [])

    for work in (condition, missing, doubled):
        spark, pandas = both(lake, source, sql, work, partition_by)
        assert repr(spark[1]) == repr(pandas[1])
        assert 0 < len(spark[1]) < 40


def test_only_files_with_a_row_to_drop_are_written_again(lake: Lake) -> None:
    source = lake.make(ROWS, ("k",))
    with lake.session({"silver.out": lake.files(source)}, table="silver.out") as session:
        staged = session.stage(query(session, "SELECT id, k FROM silver.out"), ("k",))
        kept = session.drop(staged, "id = 3")
        same = {file.path for file in staged.files} & {file.path for file in kept.files}
        assert kept.rows == 39 and len(same) == len(staged.files) - 1
        assert session.drop(kept, "id = 3") is kept
    home = Path(lake.url("silver.out"))
    on_disk = {str(Path(at, name).relative_to(home)) for at, _, names in os.walk(home) for name in names}
    # No log of its own, no checksums of Hadoop's, nothing that was written again.
    assert {path for path in on_disk if path.startswith(kept.folders[0])} == {f.path for f in kept.files}


def test_the_lake_s_readers_read_what_spark_staged(lake: Lake) -> None:
    source = lake.make(ROWS, ("k",), "silver.source")
    reads = {"silver.source": lake.files(source, "silver.source")}
    with lake.session(reads, table="silver.out") as session:
        staged = session.stage(query(session, "SELECT id, amount, k, t, d, f FROM silver.source"), ("k",))
    table = lake.publish(staged)
    assert ask(table, "SELECT count(*) AS n, sum(amount) AS s FROM t WHERE k = 'a/b ü'")[0]["n"] == 10
    files = lake.files(staged)
    with lake.other.session({"silver.out": files}, table="gold.x") as session:
        rows = sorted_rows(session, session.read("silver.out"), ["id", "k", "t", "d", "f"])
    with lake.session({"silver.out": files}, table="gold.x") as session:
        ours = sorted_rows(session, session.read("silver.out"), ["id", "k", "t", "d", "f"])
        assert repr(ours) == repr(rows)
    assert rows[1]["t"] == datetime(2024, 1, 1, 0, 1, 0, 123456, UTC) and rows[0]["d"] == date(1500, 1, 1)
    top = [file.stats["maxValues"]["t"] for file in staged.files]
    assert all(value.endswith(".124Z") for value in top), "a maximum is never below a value"
    assert all("f" not in file.stats["maxValues"] for file in staged.files if file.partition["k"] == "p")


def test_an_empty_partition_value_is_refused(lake: Lake) -> None:
    source = lake.make("SELECT 1 AS id, '' AS k")
    there = set(Path(lake.url("silver.out")).rglob("*.parquet"))
    reads, words = {"silver.out": lake.files(source)}, r"'k' holds an empty string(?s:.*)NULLIF\(k"
    with lake.session(reads, table="gold.x") as session, pytest.raises(DataError, match=words):
        session.stage(query(session, "SELECT id, k FROM silver.out"), ("k",))
    assert set(Path(lake.url("silver.out")).rglob("*.parquet")) == there


def test_no_rows(lake: Lake) -> None:
    source = lake.make(ROWS)
    with lake.session({"silver.out": lake.files(source)}, table="gold.x") as session:
        staged = session.stage(query(session, "SELECT id, k FROM silver.out WHERE id < 0"), ("k",))
        assert staged.files == () and session.drop(staged, "id = 1") is staged
        assert session.aggregate(session.staged(staged), {"n": "count(*)"}) == [{"n": 0}]


def test_spark_s_own_sql_and_its_errors(lake: Lake) -> None:
    source = lake.make(ROWS)
    with lake.session({"silver.out": lake.files(source)}, table="gold.x") as session:
        relation = query(
            session,
            "SELECT even, max_by(k, id) AS last, :partition_key AS key, :partition_start AS start "
            "FROM silver.out AS o WHERE o.id IN (SELECT out.id FROM silver.out) GROUP BY ALL -- now()",
            partition_key="it's \\",
            partition_start=NOW,
        )
        rows = sorted_rows(session, relation, ["even", "last", "key", "start"])
        assert rows[0] == {"even": False, "last": "p", "key": "it's \\", "start": NOW}
        assert relation.lineage is None or relation.lineage["last"]
        for sql, words in (
            ("SELECT idd FROM silver.out", r"gold/x.sql:1(?s:.*)idd"),
            ("SELECT id FROM parquet.`/etc`", "not a table of this project"),
            ("SELECT reflect('java.lang.System', 'exit', 0) AS x FROM silver.out", "reflect cannot be used"),
            ("SELECT id FROM silver.out VERSION AS OF 0", "VERSION"),
        ):
            with pytest.raises(SqlError, match=words):
                query(session, sql)
        with pytest.raises(DataError, match=r"(?i)division by zero"):
            session.stage(query(session, "SELECT 1 / (id - id) AS x FROM silver.out"))
        condition = session.predicate("k RLIKE '^p' -- why", source.schema, file="f", line=1, table="t")
        counted = {"n": f"count(*) FILTER (WHERE ({condition}))"}
        assert session.aggregate(session.read("silver.out"), counted) == [{"n": 10}]
        for text, words in (("amount", "is decimal"), ("nope > 1", "nope"), ("id IN (SELECT 1)", "subquery")):
            with pytest.raises(SqlError, match=words):
                session.predicate(text, source.schema, file="f", line=3, table="t")
