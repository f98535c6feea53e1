from __future__ import annotations

import pytest

from odibi_dagster.cli.code import Code
from odibi_dagster.cli.selection import select
from odibi_dagster.errors import ConfigError


@pytest.mark.parametrize(
    ("text", "tables"),
    [
        ("silver.orders", {"silver.orders"}),
        ("silver/orders", {"silver.orders"}),
        ("key:silver/orders", {"silver.orders"}),
        ("group:gold", {"gold.totals", "gold.region_sizes"}),
        ("+gold.totals", {"gold.totals", "silver.orders", "bronze.orders", "bronze.regions"}),
        ("silver.orders+", {"silver.orders", "gold.totals"}),
        ("bronze.regions,gold/totals", {"bronze.regions", "gold.totals"}),
    ],
)
def test_what_a_selection_means(code: Code, text: str, tables: set[str]) -> None:
    assert set(select(code, text)) == tables


def test_everything_in_the_order_of_execution(code: Code) -> None:
    names = list(select(code, "*"))
    assert names == list(code.tables) and len(names) == 6  # what lands is no table
    assert names.index("bronze.orders") < names.index("silver.by_region") < names.index("gold.region_sizes")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("silver.order", "Did you mean `silver.orders`?"),
        ("key:silver/order", "There is no table silver.order."),
        ("group:platinum", "selects no table"),
        ("group:((", "cannot be read"),
        ("landing/orders", "There is no table landing.orders."),
    ],
)
def test_a_selection_of_nothing_is_refused(code: Code, text: str, told: str) -> None:
    with pytest.raises(ConfigError, match="(?s)" + told.replace("?", r"\?").replace("(", r"\(")):
        select(code, text)
