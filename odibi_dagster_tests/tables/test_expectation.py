from datetime import date, timedelta
from decimal import Decimal

import pytest

from odibi_dagster.tables.spec import (
    AcceptedRule,
    FreshRule,
    NotNullRule,
    ReferencesRule,
    RowsRule,
    SqlRule,
    UniqueRule,
)


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("{sql: order_id > 0}", SqlRule("order_id > 0")),
        ("{unique: [a, b]}", UniqueRule(("a", "b"))),
        ("{not_null: a}", NotNullRule(("a",))),
        (
            "{accepted: {a: [x, NO, 1, 1.50, true, 2024-01-31, null], b: 7}}",
            AcceptedRule({"a": ("x", "NO", 1, Decimal("1.50"), True, date(2024, 1, 31), None), "b": (7,)}),
        ),
        ("{references: {a: bronze.orders.id}}", ReferencesRule(("a",), "bronze.orders", ("id",))),
        (
            "{references: {a: bronze.orders.x, b: bronze.orders.y}}",
            ReferencesRule(("a", "b"), "bronze.orders", ("x", "y")),
        ),
        ("{rows: {min: 1}}", RowsRule(1, None)),
        ("{rows: {min: 0, max: 5}}", RowsRule(0, 5)),
        ("{fresh: {column: day, within: 1d12h}}", FreshRule("day", timedelta(hours=36))),
    ],
)
def test_each_rule(folder, text, rule):
    (expectation,) = folder.spec(f"expect:\n  it_holds: {text}").expect
    assert (expectation.name, expectation.rule, expectation.on_fail, expectation.line) == (
        "it_holds",
        rule,
        "fail",
        3,
    )


DROPS = {
    "sql": ("{sql: order_id > 0, on_fail: drop}", True),
    "not_null": ("{not_null: [a], on_fail: drop}", True),
    "accepted": ("{accepted: {a: [b]}, on_fail: drop}", True),
    "references": ("{references: {a: bronze.orders.id}, on_fail: drop}", True),
    "rows": ("{rows: {min: 1}, on_fail: drop}", False),
    "fresh": ("{fresh: {column: a, within: 1h}, on_fail: drop}", False),
}


@pytest.mark.parametrize("rule", DROPS)
def test_which_rules_can_drop(folder, rule):
    text, allowed = DROPS[rule]
    if allowed:
        assert folder.spec(f"expect: {{e: {text}}}").expect[0].on_fail == "drop"
    else:
        error = folder.header_error(f"expect: {{e: {text}}}")
        assert f"`{rule}` cannot drop rows" in error.what and "whole result" in error.remedy


def test_unique_drops_with_an_order(folder):
    header = "expect: {e: {unique: [a], on_fail: drop}}\ndedupe_by: [a]\norder_by: b desc"
    assert folder.spec(header).expect[0].on_fail == "drop"


def test_a_referenced_table_is_read_and_is_no_input(folder):
    spec = folder.load({
        "bronze/customers.yaml": "from: landing\npath: c/*.csv\nformat: csv",
        "silver/big.sql": "/*\nexpect:\n  a: {references: {x: bronze.customers.id}}\n"
        "  b: {references: {x: bronze.orders.id}}\n*/\nSELECT order_id AS x FROM bronze.orders",
    })["silver.big"]  # fmt: skip
    assert (spec.inputs, spec.references) == (("bronze.orders",), ("bronze.customers",))
    assert spec.reads == ("bronze.orders", "bronze.customers")


@pytest.mark.parametrize(
    ("text", "what", "remedy"),
    [
        ("{}", "It has no rule", "exactly one of sql, unique"),
        ("{on_fail: warn}", "It has no rule", "exactly one of sql, unique"),
        ("{unique: [a], not_null: [a]}", "It has the rules unique, not_null", "make an expectation of each"),
        ("{uniqe: [a]}", "`uniqe` is not a key of `expect.e`", "Did you mean `unique`?"),
        ("order_id > 0", "`expect.e` cannot be 'order_id > 0'", "a mapping"),
        ("{sql: true}", "`expect.e.sql` cannot be True", "a text"),
        ("{sql: a > 0, on_fail: quarantine}", "`quarantine` is not available yet", "fail, drop, warn"),
        ("{sql: a > 0, on_fail: ignore}", "`ignore` is not one of fail, drop, warn", "fail"),
        ("{unique: [a, A]}", "differ only by letter case", "Keep one"),
        ("{not_null: ['a;b']}", "holds ';'", "Rename"),
        ("{accepted: {}}", "`accepted` names no column", "accepted: {column: …}"),
        ("{accepted: {a: []}}", "The list of accepted values is empty", "null accepts NULL"),
        ("{accepted: {a: [[b]]}}", "is not a single value", "texts, numbers"),
        (
            "{references: {a: customers.id}}",
            "`customers.id` is not layer.table.column",
            "silver.customers.customer_id",
        ),
        (
            "{references: {a: landing.customers.id}}",
            "is not layer.table.column",
            "silver.customers.customer_id",
        ),
        (
            "{references: {a: bronze.x.i, b: bronze.y.i}}",
            "names several tables: bronze.x, bronze.y",
            "for each",
        ),
        ("{rows: {}}", "neither min nor max", "min: 1"),
        ("{rows: {min: 5, max: 1}}", "min 5 is more than max 1", "Exchange"),
        ("{rows: {min: -1}}", "`expect.e.rows.min` cannot be -1", "greater than or equal to 0"),
        ("{fresh: {column: a}}", "`expect.e.fresh.within` is missing", "Add `within:`"),
        ("{fresh: {column: a, within: 1.5}}", "`1.5` is not a duration", "36h"),
        ("{fresh: {column: a, within: 99999d}}", "`99999d` is longer than a century", "shorter"),
        ("{unique: [a], on_fail: drop}", "nothing says which row stays", "dedupe_by: [a]"),
    ],
)
def test_refusals_name_line_cause_and_remedy(folder, text, what, remedy):
    error = folder.header_error(f"description: x\nexpect:\n  e: {text}")
    assert error.where.line == 4
    assert what in error.what and remedy in error.remedy


def test_dedupe_by_names_the_expectation_columns(folder):
    error = folder.header_error("expect:\n  e: {unique: [a, b], on_fail: drop}\ndedupe_by: [a]\norder_by: c")
    assert "`unique` drops by a, b, `dedupe_by` is by a" in error.what and error.where.line == 3


def test_dedupe_by_needs_an_order(folder):
    error = folder.header_error("expect: {e: {unique: [a], on_fail: drop}}\ndedupe_by: [a]")
    assert "`dedupe_by` has no `order_by`" in error.what and error.where.line == 3


def test_an_order_names_a_column_once(folder):
    error = folder.header_error(
        "expect: {e: {unique: a, on_fail: drop}}\ndedupe_by: a\norder_by: [b, B desc]"
    )
    assert "`order_by` names `b` twice" in error.what and error.where.line == 4


def test_a_name_must_be_one_for_a_check(folder):
    error = folder.header_error("expect:\n  amount > 0: {sql: amount > 0}")
    assert "'amount > 0' is no name for a check" in error.what and error.where.line == 3


def test_a_comma_between_braces_is_explained(folder):
    errors = folder.errors(
        {"silver/x.sql": "/* expect: {e: {sql: a IN (1, 2)}} */ SELECT order_id FROM bronze.orders"}
    )
    assert [error.remedy for error in errors] == ["Between braces, quote a text that holds a comma."]


def test_predicates_are_checked_at_load(folder):
    error = folder.header_error("expect:\n  e:\n    sql: no_such_function(order_id) > 0")
    assert error.where.line == 4 and "no_such_function" in str(error).lower()
