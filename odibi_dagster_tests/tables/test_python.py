import sys

import pytest

from odibi_dagster.tables.spec import Automation, FunctionBody, Parameter

BODY = "\n    return silver\n"


def function(folder, text: str, resources=()) -> FunctionBody:
    body = folder.load({"gold/x.py": text}, resources=resources)["gold.x"].body
    assert isinstance(body, FunctionBody)
    return body


def one(folder, imports: str, annotation: str) -> str | None:
    (parameter,) = function(folder, f"{imports}\ndef x(bronze_orders: {annotation}): ...").parameters
    assert (parameter.name, parameter.input) == ("bronze_orders", "bronze.orders")
    return parameter.wants


@pytest.mark.parametrize(
    ("imports", "annotation", "wants"),
    [
        ("import narwhals as nw", "nw.LazyFrame", "narwhals"),
        ("import narwhals", "narwhals.LazyFrame", "narwhals"),
        ("from narwhals import LazyFrame as Lazy", "Lazy", "narwhals"),
        ("from typing import Any\nimport narwhals as nw", "nw.LazyFrame[Any]", "narwhals"),
        ("import pandas as pd", "pd.DataFrame", "pandas"),
        ("import pandas as pd", "'pd.DataFrame'", "pandas"),
        ("from __future__ import annotations\nimport pandas as pd", "pd.DataFrame", "pandas"),
        (
            "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import pandas as pd",
            "'pd.DataFrame'",
            "pandas",
        ),
        ("try:\n    from pandas import DataFrame\nexcept ImportError:\n    raise", "DataFrame", "pandas"),
        ("import duckdb", "duckdb.DuckDBPyRelation", "duckdb"),
        ("from duckdb import DuckDBPyRelation", "DuckDBPyRelation", "duckdb"),
    ],
)
def test_annotations_are_resolved_through_the_imports(folder, imports, annotation, wants):
    assert one(folder, imports, annotation) == wants


def test_parameters(folder):
    body = function(
        folder,
        "import dagster as dg\n"
        "def x(bronze_orders, context, ctx: dg.AssetExecutionContext, *, warehouse: 'Anything'): ...",
        resources=["warehouse"],
    )
    assert body.parameters == (
        Parameter("bronze_orders", input="bronze.orders", wants="narwhals"),
        Parameter("context", wants="context"),
        Parameter("ctx", wants="context"),
        Parameter("warehouse", resource="warehouse"),
    )


def test_a_function_without_inputs_is_a_source(folder):
    spec = folder.load({"bronze/x.py": "def x(): ..."})["bronze.x"]
    assert (spec.inputs, spec.kind, spec.automation) == ((), "full", Automation("manual"))


def test_the_docstring_is_the_header(folder):
    text = '"""\nkind: append\nowners: ["team:a"]\n"""\ndef x(bronze_orders): ...'
    spec = folder.load({"gold/x.py": text})["gold.x"]
    assert (spec.kind, spec.owners, spec.inputs) == ("append", ("team:a",), ("bronze.orders",))


def test_a_docstring_in_prose_is_the_description(folder):
    text = '"""Big orders: those above 100.\n\n    And nothing else.\n    """\ndef x(bronze_orders): ...'
    spec = folder.load({"gold/x.py": text})["gold.x"]
    assert spec.description == "Big orders: those above 100.\n\nAnd nothing else."


def test_lines_in_the_docstring_are_those_of_the_file(folder):
    error = folder.error("gold/x.py", '# a note\n"""\nkind: full\nownrs: [a]\n"""\ndef x(bronze_orders): ...')
    assert (error.where.line, error.what) == (4, "`ownrs` is not a key.")


def test_the_file_is_not_run_at_load(folder):
    text = "import sys\nsys.odibi_was_run = True\nimport no_such_module\nraise SystemExit\n"
    folder.load({"gold/x.py": text + "def x(bronze_orders): ..."})
    assert not hasattr(sys, "odibi_was_run")


@pytest.mark.parametrize(
    ("text", "line", "what", "remedy"),
    [
        ("def x(:\n", 1, "This is not Python", "Mend"),
        ("\n\ndef x(a\n", 3, "This is not Python", "Mend"),
        ("def y(bronze_orders): ...", 1, "no function `x`", "def x(…)"),
        ("import x", 1, "no function `x`", "def x(…)"),
        ("async def x(bronze_orders): ...", 1, "`x` is async", "plain def"),
        (
            "import dagster as dg\n@dg.asset\ndef x(bronze_orders): ...",
            2,
            "decorated with `@dg.asset`",
            "Remove",
        ),
        ("import dagster as dg\n@dg.asset(key='a')\ndef x(bronze_orders): ...", 2, "decorated", "Remove"),
        ("def x(*bronze_orders): ...", 1, "`*bronze_orders` names no input", "one parameter"),
        ("def x(**inputs): ...", 1, "`*inputs` names no input", "one parameter"),
        ("def x(bronze_orders, /): ...", 1, "cannot be given by its name", "Remove the `/`"),
        ("def x(\n  bronze_orders=None): ...", 2, "has a default", "constant"),
        ("def x(bronze_orders, *, limit=5): ...", 1, "`limit` has a default", "constant"),
        ("import pandas as pd\ndef x(\n  orders: pd.DataFrame): ...", 3, "names no table", "<layer>_<table>"),
        (
            "import narwhals as nw\ndef x(bronze_orders: nw.DataFrame): ...",
            2,
            "not a kind of data",
            "LazyFrame",
        ),
        ("def x(bronze_orders: 5): ...", 1, "not a kind of data", "pandas.DataFrame"),
        ("def x(bronze_orders: 'a b'): ...", 1, "not a kind of data", "pandas.DataFrame"),
        (
            "import pyspark.sql as s\ndef x(bronze_orders: s.DataFrame): ...",
            2,
            "the engine is pandas",
            "narwhals",
        ),
        (
            "from pyspark.sql import DataFrame\ndef x(bronze_orders: DataFrame): ...",
            2,
            "engine is pandas",
            "narwhals",
        ),
        (
            "import pyspark.sql\ndef x(bronze_orders: 'pyspark.sql.DataFrame'): ...",
            2,
            "engine is pandas",
            "narwhals",
        ),
        ("def x(bronze_ordrs): ...", 1, "There is no table `bronze.ordrs`", "Did you mean `bronze.orders`?"),
        ("\ndef x(\n  wharehouse): ...", 3, "no table and no resource", "Did you mean `warehouse`?"),
    ],
)
def test_refusals_name_line_cause_and_remedy(folder, text, line, what, remedy):
    error = folder.error("gold/x.py", text, resources=["warehouse"])
    assert error.where.line == line
    assert what in error.what and remedy in error.remedy


def test_no_relative_import_is_taken_for_a_library(folder):
    error = folder.error("gold/x.py", "from .pandas import DataFrame\ndef x(bronze_orders: DataFrame): ...")
    assert "not a kind of data" in error.what
