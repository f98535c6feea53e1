"""Rows are left out by writing again only the files that hold one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from odibi_dagster.engines.protocol import Staged
from odibi_dagster_tests.engines.pandas.lake import Lake, ask

SQL = "SELECT range AS id, range % 4 AS k, if(range = 6, NULL, range * 10) AS v FROM range(12)"


def ids(session: Any, staged: Staged) -> list[int]:
    return [row["id"] for row in session.query("SELECT id FROM t ORDER BY id", {"t": session.staged(staged)})]


def test_only_dirty_files_are_written_again(lake: Lake) -> None:
    with lake.session() as session:
        staged = session.stage(session.call(lambda: session.connection.sql(SQL)), ("k",))
        kept = session.drop(staged, "id > 5 AND k = 2")
        assert ids(session, kept) == [0, 1, 2, 3, 4, 5, 7, 8, 9, 11]
        before, after = {f.path for f in staged.files}, {f.path for f in kept.files}
        assert len(before & after) == 3
        assert kept.rows == 10 and set(kept.folders) == set(staged.folders)
    # What was replaced is gone, and what is left can be published.
    on_disk = {str(p.relative_to(staged.table_url)) for p in Path(staged.table_url).rglob("*.parquet")}
    assert on_disk == after
    assert ask(lake.publish(kept), "SELECT count(*) AS n, sum(k) AS k FROM t") == [{"n": 10, "k": 14}]


def test_a_predicate_that_is_null_drops_nothing(lake: Lake) -> None:
    with lake.session() as session:
        staged = session.stage(session.call(lambda: session.connection.sql(SQL)))
        assert ids(session, session.drop(staged, "v < 0")) == list(range(12))
        assert session.drop(staged, "v < 0") is staged
        # Row 6 is NULL there, in a file that is written again for another row.
        assert ids(session, session.drop(staged, "v > 100")) == list(range(11))


def test_all_rows_dropped_leave_no_file(lake: Lake) -> None:
    with lake.session() as session:
        staged = session.stage(session.call(lambda: session.connection.sql(SQL)), ("k",))
        kept = session.drop(staged, "true")
        assert kept.files == () and ids(session, kept) == []


def test_duplicates_leave_the_first_by_order(lake: Lake) -> None:
    sql = "SELECT * FROM (VALUES (1, 5, 'a'), (1, 9, 'b'), (1, NULL, 'c'), "
    sql += "(NULL, 1, 'd'), (NULL, 2, 'e'), (2, 1, 'g'), (2, 1, 'f')) t(id, v, s)"
    with lake.session() as session:
        staged = session.stage(session.call(lambda: session.connection.sql(sql)))
        kept = session.drop_duplicates(staged, ["id"], [("v", True)])
        rows = session.query("SELECT s FROM t ORDER BY s", {"t": session.staged(kept)})
        assert [row["s"] for row in rows] == ["b", "e", "f"]
        assert session.drop_duplicates(kept, ["id"], []) == kept


def test_rows_without_a_counterpart(lake: Lake) -> None:
    other = lake.stage("SELECT 10 AS key UNION ALL SELECT 20 UNION ALL SELECT NULL", table="silver.keys")
    with lake.session({"silver.keys": lake.files(other, "silver.keys")}) as session:
        staged = session.stage(session.call(lambda: session.connection.sql(SQL)))
        kept = session.drop_missing(staged, ["v"], "silver.keys", ["key"])
        assert ids(session, kept) == [1, 2, 6]


def test_a_second_stage_does_not_meet_the_first(lake: Lake) -> None:
    with lake.session() as session:
        relation = session.call(lambda: session.connection.sql(SQL))
        first, second = session.stage(relation, ("k",)), session.stage(relation, ("k",))
        assert not {f.path for f in first.files} & {f.path for f in second.files}
        assert ids(session, first) == ids(session, second) == list(range(12))


def test_aggregates(lake: Lake) -> None:
    with lake.session() as session:
        relation = session.call(lambda: session.connection.sql(SQL))
        assert session.aggregate(relation, {"n": "count(*)", "nulls": "count(*) - count(v)"}) == [
            {"n": 12, "nulls": 1}
        ]
        by = session.aggregate(relation, {"n": "count(*)"}, ["k"])
        assert sorted(by, key=lambda row: row["k"]) == [{"k": k, "n": 3} for k in range(4)]
