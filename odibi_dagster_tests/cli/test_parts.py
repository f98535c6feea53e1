from __future__ import annotations

import pytest

from odibi_dagster.cli.code import Code
from odibi_dagster.cli.parts import Part, descendants, named_partitions, parts, ranges, tags
from odibi_dagster.errors import ConfigError


def test_partitioned_tables_get_runs_of_their_own(code: Code) -> None:
    first, partitioned, last = parts(code, code.tables)
    assert set(first.tables) == {"bronze.orders", "bronze.regions", "silver.orders", "gold.totals"}
    assert partitioned == Part(("silver.by_region",), True)
    assert last == Part(("gold.region_sizes",), False)


def test_without_partitions_one_run_does_it(code: Code) -> None:
    (only,) = parts(code, ["bronze.orders", "silver.orders", "gold.totals"])
    assert only == Part(("bronze.orders", "silver.orders", "gold.totals"), False)


def test_descendants_are_found_through_others(code: Code) -> None:
    assert descendants(code, ["bronze.regions"]) == {"silver.orders", "gold.totals"}


def test_ranges_have_no_gaps() -> None:
    assert ranges("abcdef", "abdf") == [("a", "b"), ("d", "d"), ("f", "f")]
    assert ranges("abc", "") == []
    assert tags("a", "a") == {"dagster/partition": "a"}
    assert set(tags("a", "b").values()) == {"a", "b"}


def test_named_partitions(code: Code) -> None:
    assert named_partitions(code, ["silver.by_region", "gold.totals"], None, None) is None
    assert named_partitions(code, ["silver.by_region"], "north", None) == ("north", "north")
    assert named_partitions(code, ["silver.by_region"], None, "east...north") == ("east", "north")


@pytest.mark.parametrize(
    ("tables", "partition", "partition_range", "told"),
    [
        (["silver.by_region"], "mars", None, "Known: east, north, south"),
        (["silver.by_region"], None, "east", "cannot be read"),
        (["silver.by_region"], None, "south...east", "ends before it begins"),
        (["gold.totals"], "north", None, "has partitions"),
    ],
)
def test_partitions_that_cannot_be_meant(
    code: Code, tables: list[str], partition: str | None, partition_range: str | None, told: str
) -> None:
    with pytest.raises(ConfigError, match=told):
        named_partitions(code, tables, partition, partition_range)
