from datetime import date, timedelta

import dagster as dg
import pytest

from odibi_dagster.sql.types import Decimal
from odibi_dagster.tables.spec import Automation, ColumnSpec, Freshness, OrderTerm, Partitions, Retry


def test_every_key(folder):
    spec = folder.spec("""
kind: partition
partition_by: [order_date]
partitions: {daily: {start: 2024-01-01, column: order_date}}
columns:
  order_id: bigint
  amount: {type: "decimal(10,2)", description: What it cost., unit: EUR, pii: no, nullable: false}
  note:
description: Big orders.
owners: [ann@example.com, "team:sales"]
tags: {domain: sales}
retry: {max_retries: 5, delay: 1m, backoff: linear, jitter: none}
freshness: {within: 2h, cron: "0 9 * * *"}
automation: {cron: "0 6 * * *"}
expect:
  one_row_each: {unique: order_id, on_fail: drop}
dedupe_by: [order_id]
order_by: [amount desc, note]
location: /data/big
engine: pandas
format: delta
""")
    assert (spec.kind, spec.partition_by) == ("partition", ("order_date",))
    assert spec.partitions == Partitions("daily", "order_date", start=date(2024, 1, 1))
    assert spec.columns["amount"] == ColumnSpec(
        "amount", Decimal(10, 2), "What it cost.", "EUR", False, False
    )
    assert spec.columns["note"] == ColumnSpec("note")
    assert (spec.description, spec.owners, spec.tags) == (
        "Big orders.", ("ann@example.com", "team:sales"), {"domain": "sales"},
    )  # fmt: skip
    assert spec.retry == Retry(5, 60.0, "linear", "none")
    assert spec.freshness == Freshness(timedelta(hours=2), "0 9 * * *")
    assert spec.automation == Automation("cron", "0 6 * * *")
    assert (spec.dedupe_by, spec.order_by) == (("order_id",), (OrderTerm("amount", True), OrderTerm("note")))
    assert (spec.location, spec.engine, spec.format) == ("/data/big", "pandas", "delta")


def test_a_table_needs_no_header(folder):
    spec = folder.load({"silver/big.sql": "SELECT order_id FROM bronze.orders"})["silver.big"]
    assert (spec.kind, spec.partition_by, spec.expect, spec.retry) == ("full", (), (), None)
    assert spec.automation == Automation("eager")


@pytest.mark.parametrize("word", ["eager", "manual"])
def test_automation_is_a_word(folder, word):
    assert folder.spec(f"automation: {word}").automation == Automation(word)


def test_owners_and_tags_are_those_that_dagster_takes(folder):
    spec = folder.spec('owners: ["a.b+c@example.org", "team:data platform"]\ntags: {a/b: c, D_e.f-1: ""}')
    asset = dg.AssetSpec("x", owners=list(spec.owners), tags=spec.tags)
    assert (tuple(asset.owners), asset.tags) == (spec.owners, spec.tags)


HEADERS = [
    ("knd: full", 2, "`knd` is not a key", "Did you mean `kind`?"),
    ("kind: fulll", 2, "kind: `fulll` is not one of full, append, partition", "Did you mean `full`?"),
    ("kind: merge", 2, "kind: `merge` is not available yet", "full, append, partition"),
    ("kind: scd2", 2, "kind: `scd2` is not available yet", "full, append, partition"),
    ("kind: incremental", 2, "kind: `incremental` is not available yet", "full, append, partition"),
    ("key: [order_id]", 2, "The key `key` is not available yet", "full, append, partition"),
    ("engine: sparc", 2, "engine: `sparc` is not one of pandas, spark", "spark"),
    ("format: parquet", 2, "format: `parquet` is not available yet", "Available: delta"),
    ("format: xml", 2, "format: `xml` is not one of delta", "Known: delta"),
    ("location: ftp://host/x", 2, "ftp://host/x", "s3://bucket/lake"),
    ("location: s3://bucket/a?b", 2, "holds a ?", "no ? in it"),
    ("location: big", 2, "`big` is not an absolute path", "/data/lake"),
    ("description: [a]", 2, "`description` cannot be ['a']", "Write a text"),
    ("kind: full\npartition_by: {a: b}", 3, "`partition_by` cannot be", "Write a list"),
    ("partition_by: []", 2, "The list of columns is empty", "at least one"),
    ("partition_by: [a, a]", 2, "The column `a` is named twice", "Keep one"),
    ("partition_by: [a, A]", 2, "`a` and `A` differ only by letter case", "Keep one"),
    ("partition_by:\n- a\n- b c", 4, "The column name 'b c' holds ' '", "Rename the column"),
    ("kind: partition", 2, "The kind `partition` has no `partition_by`", "Add partition_by"),
    ("columns: {a: {typ: int}}", 2, "`typ` is not a key of `columns.a`", "Did you mean `type`?"),
    ("columns:\n  a: {type: inty}", 3, "`inty` is not a type", "bigint"),
    ("columns:\n  a: {type: decimal(10}", 3, "`decimal(10` is half a type", "is quoted"),
    ("columns:\n  a: {type: 5}", 3, "`5` is not a type", "bigint"),
    ("columns: {'a=b': int}", 2, "The column name 'a=b' holds '='", "Rename"),
    ("columns: {a: int, A: int}", 2, "differ only by letter case", "Keep one"),
    (
        "columns: {Day: int}\npartition_by: [day]",
        3,
        "`day` in partition_by and `Day` in columns",
        "Write `Day`",
    ),
    ("columns: {a: {pii: perhaps}}", 2, "`columns.a.pii` cannot be 'perhaps'", "true or false"),
    ("owners: [ann]", 2, "`ann` is not an owner", "team:name"),
    ("owners: ['team:']", 2, "`team:` is not an owner", "team:name"),
    ("tags: {a b: c}", 2, "The tag `a b: c` is not one that Dagster takes", "letters"),
    ("tags: {a: b c}", 2, "The tag `a: b c` is not one that Dagster takes", "letters"),
    ("tags: {dagster/kind: x}", 2, "The tag `dagster/kind` is reserved", "outside"),
    ("tags: {a: 1}", 2, "`tags.a` cannot be 1", "Write a text"),
    ("retry: {max_retries: -1}", 2, "`retry.max_retries` cannot be -1", "greater than or equal to 0"),
    ("retry: {max_retries: few}", 2, "`retry.max_retries` cannot be 'few'", "a whole number"),
    ("retry: {delay: soon}", 2, "`soon` is not a duration", "36h"),
    ("retry: {backoff: exp}", 2, "`exp` is not one of exponential, linear, none", "exponential"),
    ("retry: {jitter: some}", 2, "`some` is not one of full, plus_minus, none", "plus_minus"),
    ("freshness: {}", 2, "`freshness.within` is missing", "Add `within:`"),
    ("freshness: {within: 30s}", 2, "less than a minute", "1m"),
    ("freshness: {within: a day}", 2, "`a day` is not a duration", "36h"),
    ("freshness: {within: 3d, cron: '0 9 * * *'}", 2, "longer than the time between two ticks", "Shorten"),
    ("freshness: {within: 3d, cron: 'at nine'}", 2, "`at nine` is not a cron schedule", "five fields"),
    ("automation: always", 2, "`always` is not one of eager, manual", "eager"),
    ("automation: {crn: x}", 2, "is not an automation", "eager, manual"),
    ("automation: {cron: '99 * * * *'}", 2, "`99 * * * *` is not a cron schedule", "five fields"),
    ("order_by: [a desc]", 2, "`order_by` has no effect without `dedupe_by`", "ORDER BY"),
    ("dedupe_by: [a]\norder_by: [b down]", 3, "`b down` is not a term of an order", "column desc"),
    ("dedupe_by: [a]\norder_by: [b]", 2, "`dedupe_by` has no effect", "on_fail: drop"),
]


@pytest.mark.parametrize(("header", "line", "what", "remedy"), HEADERS)
def test_refusals_name_line_cause_and_remedy(folder, header, line, what, remedy):
    error = folder.header_error(header)
    assert error.where.line == line
    assert what in error.what
    assert remedy in error.remedy


def test_all_errors_of_a_header_come_at_once(folder):
    errors = folder.errors(
        {"silver/big.sql": "/*\nkind: x\nowners: [y]\nengine: z\n*/\nSELECT order_id FROM bronze.orders"}
    )
    assert [error.where.line for error in errors] == [2, 3, 4]
