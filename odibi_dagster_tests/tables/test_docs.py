"""docs/tables.md: every snippet loads, and every key of the code is in it."""

import re
from pathlib import Path

import pytest

from odibi_dagster.sql import Query
from odibi_dagster.tables.expectation import RULES
from odibi_dagster.tables.header import TableHeader
from odibi_dagster.tables.source import ExternalSection, LandingSection, OptionsSection
from odibi_dagster.tables.spec import SqlBody

TEXT = (Path(__file__).parents[2] / "docs/tables.md").read_text(encoding="utf-8")
FILES = dict(re.findall(r"\*\*`(\S+)`\*\*\n\n```\w+\n(.*?)```", TEXT, re.DOTALL))
HEADERS = re.findall(r"(?<!\*\*)\n\n```yaml\n(.*?)```", TEXT, re.DOTALL)
TABLES = {
    "bronze/orders.yaml": FILES["bronze/orders.yaml"],
    "silver/customers.sql": "SELECT customer_id FROM bronze.orders",
}


def test_the_files_load_together(folder):
    specs = folder.load(FILES)
    assert len(FILES) == len(specs) == 5
    assert isinstance(specs["silver.big_orders"].body, SqlBody)
    assert isinstance(specs["silver.big_orders"].body.query, Query)


@pytest.mark.parametrize("header", HEADERS)
def test_the_headers_load(folder, header):
    folder.load({**TABLES, "gold/x.sql": f"/*\n{header}*/\nSELECT order_id FROM bronze.orders"})


def test_there_are_headers():
    assert len(HEADERS) == 4


@pytest.mark.parametrize(
    "key",
    sorted(
        {
            *(
                field.alias or name
                for model in (TableHeader, LandingSection, ExternalSection, OptionsSection)
                for name, field in model.model_fields.items()
            ),
            *RULES,
        }
    ),
)
def test_every_key_is_described(key):
    assert f"`{key}`" in TEXT or f"`{key}:" in TEXT
