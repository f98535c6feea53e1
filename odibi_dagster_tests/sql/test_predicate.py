from __future__ import annotations

import pytest

from odibi_dagster.errors import ConfigError, SqlError
from odibi_dagster.sql import check_predicate, compile_predicate
from odibi_dagster_tests.sql.conftest import Lake, schema

COLUMNS = "amount decimal(10,2), name string, d date"
WHERE = {"file": "silver/orders.sql", "line": 4, "table": "silver.orders"}


@pytest.mark.parametrize(("text", "bad"), [
    ("amount > 0", 2), ("name IS NOT NULL AND length(trim(name)) > 0", 1),
    ("d BETWEEN '2024-01-01' AND '2024-12-31'", 1),
    ("orders.amount >= 0 OR name = 'x'", 2), ("NOT (amount < 0)", 2), ("name IN ('a', 'b')", 1),
])  # fmt: skip
def test_conditions_select_rows(lake: Lake, text: str, bad: int) -> None:
    import datetime
    from decimal import Decimal

    day = datetime.date(2024, 5, 5)
    lake.table(
        "silver.orders", COLUMNS, [(Decimal(1), "a", day), (Decimal(-1), "b", day), (None, None, None)]
    )
    predicate = compile_predicate(text, schema(COLUMNS), **WHERE)  # type: ignore[arg-type]
    sql = f'SELECT count(*) FROM "silver.orders" WHERE ({predicate.sql}) IS NOT TRUE'
    assert lake.connection.execute(sql).fetchall() == [(bad,)]
    assert set(predicate.columns) <= {"amount", "name", "d"}


@pytest.mark.parametrize("text", [
    "", "amount >", "amount > (SELECT 1)", "amount IN (SELECT 1)", "EXISTS (SELECT 1 FROM silver.x)",
    "sum(amount) > 1",
    "count(*) > 1", "row_number() OVER (ORDER BY d) = 1", "sum(amount) OVER () > 1",
    "amount > :partition_key",
    "d < current_date()", "d < CURRENT_DATE", "d < now()", "getenv('x') = 'y'", "amount > 0; DROP TABLE x",
    "amount > 0 FROM silver.x", "SELECT 1", "*", "amount AS x", "DROP TABLE x",
    "read_text('x') = ''", "1 = 1, 2 = 2",
])  # fmt: skip
def test_refused_without_a_schema(text: str) -> None:
    with pytest.raises(ConfigError) as caught:
        check_predicate(text, **WHERE)  # type: ignore[arg-type]
    assert "silver/orders.sql:4" in str(caught.value)


@pytest.mark.parametrize(("text", "message"), [
    ("amout > 0", "Did you mean amount"), ("amount", "needs a boolean"), ("name > 1", "no common type"),
    ("other.amount > 0", "no table or alias other"),
])  # fmt: skip
def test_refused_with_a_schema(text: str, message: str) -> None:
    check_predicate(text, **WHERE)  # type: ignore[arg-type]
    with pytest.raises(SqlError, match=message):
        compile_predicate(text, schema(COLUMNS), **WHERE)  # type: ignore[arg-type]
