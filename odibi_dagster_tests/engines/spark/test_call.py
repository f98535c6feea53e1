"""Functions on Spark: lazy frames stay lazy, pandas comes up to a limit and by the pandas engine's rules."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import narwhals as nw
import pandas as pd
import pytest

from odibi_dagster.engines.protocol import TableFiles
from odibi_dagster.errors import DataError
from odibi_dagster.sql.types import Decimal as DecimalType
from odibi_dagster_tests.engines.spark.lake import Lake, sorted_rows

ROWS = "SELECT range::INTEGER AS id, (range / 4)::DECIMAL(10,2) AS amount FROM range(10)"


@pytest.fixture
def reads(lake: Lake) -> dict[str, TableFiles]:
    return {"silver.out": lake.files(lake.make(ROWS))}


def test_narwhals_and_sparks_own_frames(lake: Lake, reads: dict[str, TableFiles]) -> None:
    def large(rows: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
        return rows.filter(nw.col("amount") > 2).with_columns(twice=nw.col("id") * 2)

    def own(rows: Any) -> Any:
        return rows.where("amount > 2").selectExpr("*", "id * 2 AS twice")

    for wanted, function in (("narwhals", large), ("pyspark", own)):
        with lake.session(reads, table="gold.x") as session:
            relation = session.call(function, {"rows": session.argument("silver.out", wanted)})
            assert [str(c.type) for c in relation.schema] == ["int", "decimal(10,2)", "int"]
            rows = sorted_rows(session, session.staged(session.stage(relation)), ["id", "amount", "twice"])
            assert rows[0] == {"id": 9, "amount": Decimal("2.25"), "twice": 18}


def test_pandas_in_and_out(lake: Lake, reads: dict[str, TableFiles]) -> None:
    def doubled(rows: pd.DataFrame) -> pd.DataFrame:
        assert [str(dtype) for dtype in rows.dtypes] == ["Int32", "object"]
        return rows.assign(amount=rows["amount"] * 2)

    with lake.session(reads, table="gold.x") as session:
        types = {"amount": DecimalType(12, 2)}
        relation = session.call(doubled, {"rows": session.argument("silver.out", "pandas")}, types)
        staged = session.stage(relation)
        assert str(staged.schema[1].type) == "decimal(12,2)"
        rows = sorted_rows(session, session.staged(session.drop(staged, "id > 1")), ["id", "amount"])
        assert [row["amount"] for row in rows] == [Decimal("0.00"), Decimal("0.50")]


def test_a_large_table_is_not_brought_to_one_process(lake: Lake, reads: dict[str, TableFiles]) -> None:
    small = Lake(lake.root, lake.engine.model_copy(update={"pandas_rows": 9}))  # type: ignore[attr-defined]
    words = r"has 10 rows(?s:.*)`pandas_rows`(?s:.*)`engine: pandas`"
    with small.session(reads, table="gold.x") as session, pytest.raises(DataError, match=words):
        session.argument("silver.out", "pandas")
