from datetime import date

import pytest

from odibi_dagster.tables.spec import Partitions

SELECT = "SELECT order_id, order_date, region FROM bronze.orders"


@pytest.mark.parametrize(
    ("text", "partitions"),
    [
        (
            "{daily: {start: 2024-01-31, column: order_date}}",
            Partitions("daily", "order_date", date(2024, 1, 31)),
        ),
        (
            "{monthly: {start: '2024-02-01', column: order_date}}",
            Partitions("monthly", "order_date", date(2024, 2, 1)),
        ),
        ("{static: [north, south], column: region}", Partitions("static", "region", keys=("north", "south"))),
    ],
)
@pytest.mark.parametrize("kind", ["append", "partition"])
def test_each_kind_of_partitions(folder, text, partitions, kind):
    spec = folder.spec(f"kind: {kind}\npartition_by: [order_date, region]\npartitions: {text}")
    assert spec.partitions == partitions


@pytest.mark.parametrize(
    ("text", "what", "remedy"),
    [
        ("{}", "none of daily, monthly and static", "exactly one"),
        ("{weekly: {}}", "`weekly` is not a key of `partitions`", "Known: column, daily, monthly, static"),
        (
            "{daily: {start: 2024-01-01, column: d}, static: [a], column: d}",
            "daily and static",
            "exactly one",
        ),
        ("{daily: {start: 2024-01-01}}", "`partitions.daily.column` is missing", "Add `column:`"),
        ("{daily: {column: d}}", "`partitions.daily.start` is missing", "Add `start:`"),
        ("{daily: {start: 20240101, column: d}}", "`20240101` is not a day", "yyyy-mm-dd"),
        ("{daily: {start: '2024-1-1', column: d}}", "`2024-1-1` is not a day", "yyyy-mm-dd"),
        (
            "{daily: {start: 2024-01-01, column: d}, column: d}",
            "`column` stands beside `daily`",
            "column: d}",
        ),
        ("{monthly: {start: 2024-01-15, column: d}}", "Months cannot start on 2024-01-15", "first day"),
        ("{static: [a]}", "`static` has no `column`", "column: c"),
        ("{static: [], column: d}", "`static` is empty", "at least one"),
        ("{static: [a, a], column: d}", "`static` names a key twice", "Keep one"),
        ("{static: [''], column: d}", "'' cannot be a partition key", "texts"),
        ("{static: ['a...b'], column: d}", "'a...b' cannot be a partition key", "texts"),
        ("{static: [1], column: d}", "`partitions.static.0` cannot be 1", "a text"),
    ],
)
def test_refusals_name_line_cause_and_remedy(folder, text, what, remedy):
    error = folder.header_error(f"kind: partition\npartition_by: [d]\npartitions: {text}")
    assert error.where.line == 4
    assert what in error.what and remedy in error.remedy


def test_a_full_table_has_no_partitions(folder):
    error = folder.header_error("partitions: {static: [a], column: d}\npartition_by: [d]")
    assert "does not go with the kind `full`" in error.what
    assert "other partitions" in error.why and "kind: partition" in error.remedy and error.where.line == 2


def test_a_partition_is_whole_files(folder):
    error = folder.header_error("kind: partition\npartition_by: [a]\npartitions: {static: [a], column: d}")
    assert "goes by `d`, which is not in `partition_by`" in error.what and error.where.line == 4


def query(folder, header, where):
    return folder.error("silver/big.sql", f"/*\n{header}\n*/\n{SELECT}\nWHERE {where}\n")


def test_parameters_need_partitions(folder):
    error = query(folder, "kind: full", "region = :partition_key")
    assert "`:partition_key` has no value" in error.what and "Add partitions" in error.remedy
    assert error.where.line == 5


def test_static_partitions_have_no_start(folder):
    header = "kind: append\npartitions: {static: [a], column: region}"
    error = query(folder, header, "order_date >= :partition_start")
    assert "`:partition_start` has no value" in error.what and ":partition_key" in error.remedy
    assert error.where.line == 6


def test_parameters_go_with_partitions(folder):
    header = "kind: append\npartitions: {daily: {start: 2024-01-01, column: order_date}}"
    where = "order_date >= :partition_start AND order_date < :partition_end AND :partition_key <> ''"
    folder.load({"silver/big.sql": f"/*\n{header}\n*/\n{SELECT}\nWHERE {where}\n"})
