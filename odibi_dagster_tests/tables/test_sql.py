import pytest

from odibi_dagster.tables.spec import SqlBody

SELECT = "SELECT order_id FROM bronze.orders"


def test_inputs_come_from_the_query(folder):
    spec = folder.load({"silver/big.sql": SELECT})["silver.big"]
    assert isinstance(spec.body, SqlBody)
    assert (spec.inputs, spec.body.query.inputs) == (("bronze.orders",), ("bronze.orders",))


@pytest.mark.parametrize(
    ("text", "description"),
    [
        (f"/* Orders that are big. */ {SELECT}", "Orders that are big."),
        (f"/* grain: one row an order */ {SELECT}", "grain: one row an order"),
        (f"/*\n   Two lines:\n   the second.\n*/\n{SELECT}", "Two lines:\nthe second."),
        (f"-- a note\n\n/* description: From the header. */\n{SELECT}", "From the header."),
        (f"/* kind: full */ {SELECT} /* kind: append */", ""),
        (f"{SELECT} -- kind: append", ""),
        (f"\ufeff/* description: x */ {SELECT}", "x"),
    ],
)
def test_a_leading_comment_is_a_header_or_a_description(folder, text, description):
    spec = folder.load({"silver/big.sql": text})["silver.big"]
    assert (spec.description, spec.kind) == (description, "full")


def test_lines_in_the_query_are_those_of_the_file(folder):
    error = folder.error(
        "silver/big.sql", "/*\nkind: full\n*/\nSELECT\n  no_such_function(order_id)\nFROM bronze.orders\n"
    )
    assert error.where.line == 5 and "no_such_function" in str(error).lower()


def test_lines_in_the_header_are_those_of_the_file(folder):
    error = folder.error("silver/big.sql", f"-- a note\n\n/* description: x\n   kindd: full */\n{SELECT}")
    assert (error.where.line, error.what) == (4, "`kindd` is not a key.")


def test_header_and_query_are_both_checked(folder):
    errors = folder.errors(
        {"silver/big.sql": "/* kindd: full */\nSELECT no_such_function(order_id) FROM bronze.orders"}
    )
    assert [error.where.line for error in errors] == [1, 2]


def test_a_misspelt_only_key_is_refused(folder):
    error = folder.error("silver/big.sql", f"/* knd: append */ {SELECT}")
    assert "`knd` is not a key" in error.what and "`kind`" in error.remedy


def test_a_comment_must_end(folder):
    error = folder.error("silver/big.sql", f"/* kind: full\n{SELECT}")
    assert "does not end" in error.what and error.where.line == 1 and "*/" in error.remedy


def test_broken_yaml_in_a_header_is_refused(folder):
    error = folder.error("silver/big.sql", f"/*\nkind: [full\n*/\n{SELECT}")
    assert "not YAML" in error.what and error.why


def test_names_are_resolved_in_headers(folder):
    text = f"/* location: '${{root}}/big' */ {SELECT}"
    assert folder.load({"silver/big.sql": text}, {"root": "/data"})["silver.big"].location == "/data/big"
