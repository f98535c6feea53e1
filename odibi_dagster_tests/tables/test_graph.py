from itertools import pairwise

import pytest

from odibi_dagster.tables.graph import Graph


def select(*tables: str) -> str:
    return "SELECT a.order_id\n" + "\n".join(
        f"FROM {table} AS a" if not at else f"CROSS JOIN {table} AS t{at}" for at, table in enumerate(tables)
    )


def test_tables_come_behind_what_they_read(folder):
    specs = folder.load(
        {
            "bronze/a_last.sql": select("gold.z"),
            "gold/z.sql": "/* expect: {a: {references: {order_id: silver.m.order_id}}} */ "
            + select("bronze.orders"),
            "silver/m.sql": select("bronze.orders"),
        }
    )
    assert list(specs) == ["bronze.orders", "silver.m", "gold.z", "bronze.a_last"]
    graph = Graph.of(reversed(specs.values()))
    assert list(graph.parents) == list(specs)
    assert graph.parents["gold.z"] == ("bronze.orders", "silver.m")
    assert graph.ancestors("bronze.a_last") == {"gold.z", "bronze.orders", "silver.m"}
    assert graph.descendants("silver.m") == {"gold.z", "bronze.a_last"}
    assert (graph.ancestors("bronze.orders"), graph.descendants("bronze.a_last")) == (set(), set())
    with pytest.raises(KeyError):
        graph.ancestors("gold.no")


def test_an_unknown_input_is_refused(folder):
    error = folder.error("silver/big.sql", select("bronze.orders", "bronze.ordrs"))
    assert (error.where.line, error.what) == (3, "There is no table `bronze.ordrs`.")
    assert error.remedy == "Did you mean `bronze.orders`?"


def test_an_unknown_reference_is_refused(folder):
    error = folder.header_error("expect:\n  e: {references: {a: gold.nothing_like_it.id}}")
    assert (error.where.line, error.what) == (3, "There is no table `gold.nothing_like_it`.")
    assert "defs/gold/nothing_like_it.sql" in error.remedy


def test_a_broken_table_exists_all_the_same(folder):
    errors = folder.errors(
        {"silver/a.sql": "/* kindd: x */ " + select("bronze.orders"), "gold/b.sql": select("silver.a")}
    )
    assert [error.what for error in errors] == ["`kindd` is not a key."]


def test_a_cycle_is_named_as_a_path(folder):
    errors = folder.errors(
        {
            "silver/a.sql": select("bronze.orders", "gold.c"),
            "silver/b.sql": select("silver.a"),
            "gold/c.sql": select("silver.b"),
        }
    )
    (error,) = errors
    assert "circle: " in error.what and error.where.line
    path = error.what.rstrip(".").partition("circle: ")[2].split(" -> ")
    assert path[0] == path[-1] and set(path) == {"silver.a", "silver.b", "gold.c"}
    assert ("silver.a", "silver.b") in set(pairwise(path))


def test_every_cycle_is_named(folder):
    errors = folder.errors(
        {
            "silver/a.sql": select("silver.a"),
            "silver/b.sql": select("silver.c"),
            "silver/c.sql": select("silver.b"),
            "silver/d.sql": "/* expect: {e: {references: {order_id: silver.d.order_id}}} */ "
            + select("bronze.orders"),
        }
    )
    assert len(errors) == 3
    assert "silver.a -> silver.a" in str(errors) and "silver.d -> silver.d" in str(errors)
