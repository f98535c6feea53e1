from __future__ import annotations

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from odibi_dagster.errors import ConfigError
from odibi_dagster.landing.glob import compile_glob

PATHS = [
    "raw/orders/a.csv",
    "raw/orders/b.csv.gz",
    "raw/orders/2024/01/c.csv",
    "raw/orders/x y %41 ü 日本.csv",
    "raw/orders/[1].csv",
    "raw/orders/a{b}.csv",
    "raw/orders/back\\slash.csv",
    "raw/orders.csv",
    "raw/returns/a.csv",
    "raw/returns/a.json",
]


@pytest.mark.parametrize(
    ("glob", "expected"),
    [
        ("raw/orders/*.csv", ["a.csv", "x y %41 ü 日本.csv", "[1].csv", "a{b}.csv", "back\\slash.csv"]),
        ("raw/orders/?.csv", ["a.csv"]),
        (
            "raw/orders/**/*.csv",
            ["a.csv", "2024/01/c.csv", "[1].csv", "a{b}.csv", "back\\slash.csv", "x y %41 ü 日本.csv"],
        ),
        ("raw/orders/[ab].*", ["a.csv", "b.csv.gz"]),
        ("raw/orders/[!a]*.gz", ["b.csv.gz"]),
        ("raw/orders/[[]1].csv", ["[1].csv"]),
        ("raw/orders/a[{]b}.csv", []),
        ("raw/orders/a[{]b[}].csv", ["a{b}.csv"]),
        ("raw/orders/{a,b}.csv{,.gz}", ["a.csv", "b.csv.gz"]),
        ("raw/orders/2024/01/c.csv", ["2024/01/c.csv"]),
        ("raw/orders/%41.csv", []),
    ],
)
def test_matches(glob: str, expected: list[str]) -> None:
    try:
        compiled = compile_glob(glob)
    except ConfigError:
        assert expected == []  # an unbalanced brace
        return
    assert sorted(p for p in PATHS if compiled.matches(p)) == sorted(f"raw/orders/{p}" for p in expected)
    in_duckdb = (
        duckdb.connect()
        .execute(
            "SELECT p FROM (SELECT unnest(?) AS p) WHERE regexp_full_match(p, ?, 's')",
            [PATHS, compiled.regex],
        )
        .fetchall()
    )
    assert sorted(p for (p,) in in_duckdb) == sorted(p for p in PATHS if compiled.matches(p))


def test_a_double_star_is_any_number_of_folders_and_then_any_file() -> None:
    assert [p for p in PATHS if compile_glob("raw/**").matches(p)] == PATHS
    assert compile_glob("**").matches("a") and compile_glob("**").matches("a/b")
    assert not compile_glob("raw/*/a.csv").matches("raw/a.csv")
    assert compile_glob("raw/**/a.csv").matches("raw/a.csv")


@pytest.mark.parametrize(
    ("glob", "prefixes"),
    [
        ("raw/orders/*.csv", ("raw/orders",)),
        ("raw/orders/**/x/*.csv", ("raw/orders",)),
        ("raw/2024-*/a.csv", ("raw",)),
        ("raw/{orders,returns}/*.csv", ("raw/orders", "raw/returns")),
        ("raw/{orders/,}x/*.csv", ("raw/orders/x", "raw/x")),
        ("raw/{orders,orders/late}/*.csv", ("raw/orders",)),
        ("*.csv", ("",)),
        ("{*,raw/a}/x.csv", ("",)),
        ("raw/one.csv", ("raw",)),
        ("raw/[o]rders/a.csv", ("raw",)),
    ],
)
def test_lists_only_the_literal_folders(glob: str, prefixes: tuple[str, ...]) -> None:
    assert compile_glob(glob).prefixes == prefixes


@pytest.mark.parametrize(
    ("glob", "why"),
    [
        ("", "empty"),
        ("/raw/*.csv", "absolute"),
        ("raw/../x", "'..'"),
        ("raw//x", "empty"),
        ("raw/", "empty"),
        ("raw/[ab.csv", "'[' is not closed"),
        ("raw/{a,b.csv", "'{' is not closed"),
        ("raw/a}.csv", "'}' has no"),
        ("raw/a**.csv", "'**' stands for whole folders"),
        ("raw/[z-a].csv", "z-a is empty"),
        ("raw/[+-9].csv", "holds '/'"),
        ("{a,b}" * 11 + "/x", "more than 1000"),
    ],
)
def test_refuses_what_cannot_match(glob: str, why: str) -> None:
    with pytest.raises(ConfigError, match="is not a glob") as caught:
        compile_glob(glob)
    assert why in caught.value.why and caught.value.remedy


names = st.text(
    st.characters(exclude_characters="/", exclude_categories=("Cs", "Cc")), min_size=1, max_size=8
)


@settings(max_examples=200, deadline=None)
@given(st.lists(names.filter(lambda n: n not in (".", "..")), min_size=1, max_size=4), st.data())
def test_every_name_can_be_written_and_both_engines_agree(steps: list[str], data: st.DataObject) -> None:
    path = "/".join(steps)
    exact = "".join(f"[{c}]" if c in "*?[{}" else c for c in path)
    stars = "/".join(
        data.draw(st.sampled_from(["*", "**", s])) if not set(s) & set("*?[{}") else "*" for s in steps
    )
    for glob in (exact, stars):
        compiled = compile_glob(glob)
        assert compiled.matches(path)
        assert (
            duckdb.connect()
            .execute("SELECT regexp_full_match(?, ?, 's')", [path, compiled.regex])
            .fetchall()[0][0]
        )
        assert any(p == "" or path.startswith(f"{p}/") for p in compiled.prefixes)
