"""Whatever stands behind a key, the answer is a table or an error with a line and a remedy."""

import pytest

from odibi_dagster.errors import ConfigErrors
from odibi_dagster.tables.expectation import RULES
from odibi_dagster.tables.header import TableHeader
from odibi_dagster.tables.source import ExternalSection, LandingSection

VALUES = [
    "",
    "5",
    "-1",
    "1.5",
    "true",
    "word",
    "''",
    "2024-01-31",
    "[]",
    "{}",
    "[null]",
    "[5]",
    "[a, a]",
    "[[a]]",
    "[{a: b}]",
    "{a: null}",
    "{a: 5}",
    "{a: {}}",
    "{a: [b]}",
    "{a: {b: {c: d}}}",
    "{'': ''}",
    "'{what} {remedy}'",
    "'é\\n'",
    "99999999999999999999999999",
    "{static: {a: b}}",
    "{daily: {}}",
    "{cron: 5}",
    "{within: 99999999999999d}",
]
BASE = {
    "silver/x.sql": "/*\n{}\n*/\nSELECT order_id FROM bronze.orders",
    "bronze/x.yaml": "from: landing\npath: a\nformat: csv\n{}\n",
    "bronze/y.yaml": "from: csv\nurl: /x\n{}\n",
}


def keys(model):
    return [field.alias or name for name, field in model.model_fields.items()]


CASES = [
    *(("silver/x.sql", f"{key}: {{}}") for key in keys(TableHeader)),
    *(("silver/x.sql", f"expect: {{{{e: {{{{{rule}: {{}}}}}}}}}}") for rule in RULES),
    *(
        ("silver/x.sql", f"columns: {{{{a: {{{{{key}: {{}}}}}}}}}}")
        for key in ("type", "unit", "pii", "nullable")
    ),
    *(("bronze/x.yaml", f"{key}: {{}}") for key in keys(LandingSection)),
    *(
        ("bronze/x.yaml", f"options: {{{{{key}: {{}}}}}}")
        for key in ("delimiter", "header", "quote", "encoding")
    ),
    *(("bronze/y.yaml", f"{key}: {{}}") for key in keys(ExternalSection)),
]


@pytest.mark.parametrize(("file", "line"), CASES)
def test_no_value_breaks_the_loader(folder, file, line):
    refused = 0
    for value in VALUES:
        try:
            folder.load({file: BASE[file].format(line.format(value))})
        except ConfigErrors as caught:
            refused += 1
            for error in caught.errors:
                assert error.where.line and error.remedy and error.what.endswith("."), f"{value}: {error}"
    assert refused
