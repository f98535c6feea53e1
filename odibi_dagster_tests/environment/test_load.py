"""Environment files: what they say, and everything that can be wrong with them at once."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from odibi_dagster.build import build_engine
from odibi_dagster.environment import default_lake, load_environment
from odibi_dagster.errors import ConfigError, ConfigErrors
from odibi_dagster.project import Project

LAYERS = """layers:
  landing: /l
  bronze: /b
  silver: /s
  gold: /g
  checkpoints: /c
"""


def load(tmp_path: Path, text: str, **variables: str):
    file = tmp_path / "mine.yaml"
    file.write_text(text)
    return load_environment(str(file), variables)


def test_local_ships_with_the_guides_retry_policy_and_layers_below_the_lake() -> None:
    local = load_environment("local", {"ODIBI_LAKE": "/data"})
    retry = local.settings.retry.retry()
    assert (retry.max_retries, retry.delay, retry.backoff, retry.jitter) == (
        3,
        10.0,
        "exponential",
        "plus_minus",
    )
    assert [local.layer_url(n) for n in ("landing", "gold", "checkpoints")] == [
        "/data/landing",
        "/data/gold",
        "/data/checkpoints",
    ]
    assert local.settings.settle == 0
    assert local.settings.executor.kind == "in_process"


def test_without_a_lake_the_checkouts_own_is_used() -> None:
    assert load_environment("local", {}).layer_url("bronze") == f"{default_lake()}/bronze"


def test_a_variable_chooses_by_name_or_by_path(tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text(LAYERS)
    assert load_environment(None, {"ODIBI_ENV": str(file)}).name == "mine"
    assert load_environment(None, {"ODIBI_ENV": "local"}).name == "local"


def test_names_come_from_variables_and_are_never_printed(tmp_path: Path) -> None:
    env = load(tmp_path, LAYERS.replace("/b", "/${WHERE}/b"), WHERE="x", SECRET="do-not-print")
    assert env.layer_url("bronze") == "/x/b"
    assert "do-not-print" not in repr(env)


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("engine: {name: pandaz}\n" + LAYERS, 1, "pandas"),
        ("engine: {memory_limit: much}\n" + LAYERS, 1, "4GB"),
        ("executer: {kind: in_process}\n" + LAYERS, 1, "Did you mean `executor`"),
        (LAYERS + "hooks:\n  - {call: nonsense}\n", 8, "package.module:function"),
        (LAYERS.replace("/b", "${NOBODY}"), 3, "NOBODY"),
        (LAYERS.replace("/b", "gs://bucket/b"), 3, "Write a location like"),
        ("layers: {landing: /l}\n", 1, "missing"),
        (LAYERS.replace("/b", "/b%20"), 3, "holds a %"),
        (LAYERS.replace("/b", "'s3://bucket/b#1'"), 3, "holds a #"),
        (LAYERS.replace("/b", "abfss://lake@account.dfs.core.windows.net/b?"), 3, "holds a ?"),
        (LAYERS + "settle: soon\n", 7, "settle"),
    ],
)
def test_what_is_wrong_is_told_with_line_and_remedy(tmp_path: Path, text: str, line: int, said: str) -> None:
    with pytest.raises(ConfigErrors) as caught:
        load(tmp_path, text)
    told = str(caught.value)
    assert said in told
    assert f"mine.yaml:{line}" in told


def test_all_problems_are_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(ConfigErrors) as caught:
        load(tmp_path, "engine: {name: pandaz}\nexecuter: {}\n" + LAYERS)
    assert len(caught.value.errors) == 2


def test_an_unknown_name_offers_the_nearest() -> None:
    with pytest.raises(ConfigError, match="local"):
        load_environment("locale", {})


def test_the_cache_has_a_folder_a_size_and_an_age_or_is_off(tmp_path: Path) -> None:
    cache = load(tmp_path, LAYERS).settings.cache
    assert cache is not None and (cache.folder, cache.size, cache.age) == (None, "20GB", timedelta(days=7))
    cache = load(tmp_path, LAYERS + "cache: {folder: /fast/copies, size: 1.5TiB, age: 36h}\n").settings.cache
    assert cache is not None and (cache.folder, cache.age) == ("/fast/copies", timedelta(hours=36))
    assert load(tmp_path, LAYERS + "cache: off\n").settings.cache is None
    with pytest.raises(ConfigErrors) as caught:
        load(tmp_path, LAYERS + "cache:\n  folder: s3://bucket/cache\n  size: much\n  ages: 7d\n")
    told = str(caught.value)
    assert all(part in told for part in ("not on this machine", "`much` is not a size", "ages"))


def test_the_engine_gets_the_environments_cache(tmp_path: Path) -> None:
    def engine(text: str) -> Any:
        return build_engine(Project(load(tmp_path, LAYERS + text), {}))

    assert engine("cache: off\n").cache is None
    made = engine("cache: {folder: /fast/copies, size: 2GB, age: 1h}\n")
    assert (made.cache, made.cache_size, made.cache_age) == ("/fast/copies", 2_000_000_000, 3600.0)
    assert engine("").cache.endswith("/odibi-dagster")


@pytest.mark.parametrize(
    ("name", "variables"),
    [
        ("azure", ["AZURE_STORAGE_CONTAINER", "AZURE_STORAGE_ACCOUNT_NAME"]),
        ("aws", ["AWS_BUCKET"]),
        ("hybrid", ["AWS_BUCKET", "AZURE_STORAGE_CONTAINER", "AZURE_STORAGE_ACCOUNT_NAME"]),
    ],
)
def test_clouds_ship_and_name_each_missing_variable_once(name: str, variables: list[str]) -> None:
    with pytest.raises(ConfigErrors) as caught:
        load_environment(name, {})
    assert [error.remedy for error in caught.value.errors] == [f"Set the variable {v}." for v in variables]
    loaded = load_environment(name, dict.fromkeys(variables, "shop"))
    assert loaded.layer_url("landing").startswith("abfss://shop@shop." if name == "azure" else "s3://shop/")
    assert loaded.layer_url("gold").startswith("s3://shop/" if name == "aws" else "abfss://shop@shop.")
