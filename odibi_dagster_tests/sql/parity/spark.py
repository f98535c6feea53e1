"""Real Spark, asked: one local session, ANSI, UTC; expressions go in batches."""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from odibi_dagster.sql.types import parse_type

from .answer import Answer
from .case import Case
from .tables import TABLES, Rows
from .value import printed, recorded

_AT_ONCE = 24


class Asker:
    """Asks one session."""

    def __init__(self, session: Any) -> None:
        self.session = session
        self.version = str(session.version)

    def functions(self) -> list[str]:
        """The names of every function and operator that Spark has."""
        return sorted(row[0] for row in self.session.sql("SHOW SYSTEM FUNCTIONS").collect())

    def ask(self, cases: Sequence[Case], expected: dict[str, Answer] | None = None) -> dict[str, Answer]:
        """The answer to each case by its text.

        Args:
            expected: answers known before: what then was an error is asked alone and spoils no batch.
        """
        known = expected or {}
        answers: dict[str, Answer] = {}
        batch: list[Case] = []
        for case in cases:
            if case.is_query or case.is_windowed or (case.text in known and known[case.text].error):
                answers[case.text] = self._query(case.sql)
            else:
                batch.append(case)
        for start in range(0, len(batch), _AT_ONCE):
            answers |= self._batch(batch[start : start + _AT_ONCE])
        return {case.text: answers[case.text] for case in cases}

    def _batch(self, cases: list[Case]) -> dict[str, Answer]:
        """Answers expressions in one query, or, where one of them fails, in halves."""
        if len(cases) == 1:
            return {cases[0].text: self._query(cases[0].sql)}
        whole = self._query(f"SELECT {', '.join(case.text for case in cases)} FROM silver.v")
        if whole.error or len(whole.columns) != len(cases) or not _one_row_each(whole):
            middle = len(cases) // 2
            return self._batch(cases[:middle]) | self._batch(cases[middle:])
        return {
            case.text: Answer((whole.columns[at],), tuple((row[at],) for row in whole.rows or ()))
            for at, case in enumerate(cases)
        }

    def _query(self, sql: str) -> Answer:
        from pyspark.errors import PySparkException

        try:
            frame = self.session.sql(sql)
            columns = tuple((field.name, field.dataType.simpleString()) for field in frame.schema.fields)
            plain = frame.toDF(*(f"c{at}" for at in range(len(columns))))
            try:
                types = [parse_type(type) for _, type in columns]
            except ValueError:
                # The type has no counterpart here (an interval): its compilation has to be refused.
                plain.count()
                return Answer(columns)
            shown = [f"{printed(f'c{at}', type, 'spark')} AS c{at}" for at, type in enumerate(types)]
            rows = tuple(
                tuple(recorded(value, type) for value, type in zip(row, types, strict=True))
                for row in plain.selectExpr(*shown).collect()
            )
        except PySparkException as error:
            return Answer(error=error.getCondition() or type(error).__name__)
        return Answer(columns, rows)


def _one_row_each(answer: Answer) -> bool:
    return answer.rows is not None and len(answer.rows) == len(TABLES["silver.v"].cells)


@contextmanager
def spark(*, quick: bool = False) -> Iterator[Asker]:
    """A session of this process over the tables of `tables.py`, gone afterwards.

    Args:
        quick: ask over rows in memory instead of Parquet files, without generated code for whole stages.
    """
    from pyspark.sql import SparkSession

    with tempfile.TemporaryDirectory() as folder:
        builder: Any = SparkSession.builder
        if quick:
            # Not Spark's interpreter: it answers some aggregate(…) and maps otherwise.
            builder = builder.config(
                "spark.sql.optimizer.excludedRules",
                "org.apache.spark.sql.catalyst.optimizer.ConvertToLocalRelation",
            ).config("spark.sql.codegen.wholeStage", "false")
        session = (
            builder.master("local[1]")
            .config("spark.ui.enabled", "false")
            .config("spark.ui.showConsoleProgress", "false")
            .config("spark.driver.host", "127.0.0.1")
            .config("spark.driver.bindAddress", "127.0.0.1")
            .config("spark.driver.memory", "1g")
            .config("spark.driver.extraJavaOptions", "-XX:+UseSerialGC -Duser.timezone=UTC")
            .config("spark.sql.session.timeZone", "UTC")
            .config("spark.sql.shuffle.partitions", "1")
            .config("spark.sql.adaptive.enabled", str(not quick))
            .config("spark.sql.warehouse.dir", str(Path(folder, "warehouse")))
            .getOrCreate()
        )
        # PySpark logs each error that it raises, with its whole stack; here errors are answers.
        logging.getLogger("SQLQueryContextLogger").setLevel(logging.CRITICAL)
        try:
            session.sparkContext.setLogLevel("OFF")
            for layer in sorted({name.partition(".")[0] for name in TABLES}):
                session.sql(f"CREATE DATABASE {layer}")
            for name, rows in TABLES.items():
                _make(session, name, rows, stored=not quick)
            yield Asker(session)
        finally:
            session.stop()


def _make(session: Any, name: str, rows: Rows, *, stored: bool) -> None:
    shown = []
    for at, column in enumerate(rows.schema):
        type = str(column.type)
        if type.startswith(("array", "map", "struct")):
            value = f"from_json(c{at}, '{type}')"
        elif type == "binary":
            value = f"unhex(c{at})"
        else:
            value = f"CAST(c{at} AS {type})"
        shown.append(f"{value} AS `{column.name}`")
    cells = ", ".join(f"({', '.join(map(_literal, row))})" for row in rows.cells)
    names = [f"c{at}" for at in range(len(shown))]
    source = f"VALUES {cells} AS t({', '.join(names)})"
    if not cells:
        source = f"(SELECT {', '.join(f'CAST(NULL AS STRING) AS {one}' for one in names)}) WHERE false"
    session.sql(
        f"CREATE {'TABLE' if stored else 'VIEW'} {name} {'USING parquet' if stored else ''} "
        f"AS SELECT {', '.join(shown)} FROM {source}"
    )


def _literal(cell: str | None) -> str:
    if cell is None:
        return "NULL"
    plain = "".join(one if " " <= one < "\x7f" and one not in "\\'" else _escaped(one) for one in cell)
    return f"'{plain}'"


def _escaped(one: str) -> str:
    return f"\\U{ord(one):08X}"
