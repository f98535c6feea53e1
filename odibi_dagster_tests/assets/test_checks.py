"""A table's expectations are asked as the engine likes it: several at once, or one after the other."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from odibi_dagster.assets.checks import Checks, Outcome
from odibi_dagster.engines.pandas.engine import PandasEngine
from odibi_dagster.sql.types import BIGINT, Column
from odibi_dagster.tables.load import load_tables
from odibi_dagster_tests.engines.pandas.lake import Lake

TABLE = """/*
kind: full
expect:
  b_is_unique: {unique: [b], on_fail: fail}
  a_is_positive: {sql: a > 0, on_fail: warn}
  a_is_unique: {unique: [a], on_fail: fail}
  enough: {rows: {min: 5}, on_fail: warn}
*/
SELECT 1 AS a, 2 AS b
"""


class Session:
    """Answers as an engine would, and keeps the threads that asked."""

    def __init__(self, at_once: int, wait: Callable[[], object] = lambda: None) -> None:
        self.at_once, self.wait = at_once, wait
        self.threads: list[threading.Thread] = []

    def name(self, column: str) -> str:
        return column

    def predicate(self, text: str, *_: object, **__: object) -> str:
        return text

    def aggregate(self, *_: object) -> list[dict[str, object]]:
        self.threads.append(threading.current_thread())
        return [{"c0": 0}]

    def query(self, *_: object) -> list[dict[str, object]]:
        self.threads.append(threading.current_thread())
        self.wait()
        return [{"total": 0, "keys": 0}]


def outcomes(folder: Path, session: Session) -> list[Outcome]:
    file = folder / "silver" / "t.sql"
    file.parent.mkdir()
    file.write_text(TABLE)
    (spec,) = load_tables(folder, {})
    relation: Any = SimpleNamespace(schema=(Column("a", BIGINT), Column("b", BIGINT)))
    return Checks(session, spec, datetime.now(UTC)).published(relation, rows=3)  # type: ignore[arg-type]


def test_an_engine_that_takes_one_question_is_asked_in_turn(tmp_path: Path) -> None:
    session = Session(1)
    found = outcomes(tmp_path, session)
    assert [outcome.name for outcome in found] == ["b_is_unique", "a_is_positive", "a_is_unique", "enough"]
    assert [outcome.passed for outcome in found] == [True, True, True, False]
    assert set(session.threads) == {threading.current_thread()}


def test_an_engine_that_takes_several_is_asked_at_once(tmp_path: Path) -> None:
    session = Session(4, threading.Barrier(2, timeout=10).wait)  # both `unique`, or neither goes on
    found = outcomes(tmp_path, session)
    assert [outcome.name for outcome in found] == ["b_is_unique", "a_is_positive", "a_is_unique", "enough"]


def test_what_a_question_raises_is_raised(tmp_path: Path) -> None:
    def fails() -> None:
        raise ValueError("asked wrongly")

    with pytest.raises(ValueError, match="asked wrongly"):
        outcomes(tmp_path, Session(4, fails))


REFERRING = """/*
kind: full
expect:
  a_is_known: {references: {a: bronze.other.key}, on_fail: warn}
  b_is_known: {references: {b: bronze.other.other_key}, on_fail: warn}
*/
SELECT 1 AS a, 2 AS b
"""


def test_what_a_reference_misses_is_counted_by_rows_and_shown_by_keys(tmp_path: Path) -> None:
    for name, text in {"bronze/other": "SELECT 1 AS key, 2 AS other_key", "silver/out": REFERRING}.items():
        file = tmp_path / "tables" / f"{name}.sql"
        file.parent.mkdir(parents=True)
        file.write_text(text)
    spec = next(each for each in load_tables(tmp_path / "tables", {}) if each.key == "silver.out")
    lake = Lake(tmp_path / "lake", PandasEngine(threads=1))
    other = lake.stage("SELECT i AS key, 7::BIGINT AS other_key FROM range(3) AS t(i)", table="bronze.other")
    lake.publish(other)
    rows = "SELECT CASE WHEN i % 9 < 8 THEN i % 9 END AS A, 7::BIGINT AS b FROM range(90) AS t(i)"
    with lake.session({"bronze.other": lake.files(other, "bronze.other")}) as session:
        staged = session.stage(session.call(lambda: session.connection.sql(rows)))
        found = Checks(session, spec, datetime.now(UTC)).published(session.staged(staged), staged.rows)
    assert [outcome.violations for outcome in found] == [50, 0]  # NULL refers to nothing
    assert [outcome.keys for outcome in found] == [[{"a": key} for key in range(3, 8)], []]
