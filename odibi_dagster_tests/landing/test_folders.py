from __future__ import annotations

from odibi_dagster.landing.folders import folder_values


def test_hive_folders_are_decoded_strings() -> None:
    assert folder_values("raw/region=north/day=2024-01-01/x=1.csv") == {
        "region": "north",
        "day": "2024-01-01",
    }
    assert folder_values("a%3Db=c%2Fd%20e/ü=日/x") == {"a=b": "c/d e", "ü": "日"}
    assert folder_values("day=__HIVE_DEFAULT_PARTITION__/x") == {"day": "__HIVE_DEFAULT_PARTITION__"}
    assert folder_values("=x/a==b/c=/x.csv") == {"a": "=b", "c": ""}
    assert folder_values("p=100%/q=%FF/x.csv") == {"p": "100%", "q": "%FF"}
    assert folder_values("x.csv") == {}
