"""`secrets:` and `prefix:` of an environment file, and what references mean in it."""

from __future__ import annotations

import importlib
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from odibi_dagster.environment import Environment, load_environment
from odibi_dagster.errors import ConfigError, ConfigErrors
from odibi_dagster.storage.secrets import Secrets
from odibi_dagster.tables.load import load_tables

LAYERS = "layers:\n  landing: {0}/l\n  bronze: {0}/b\n  silver: {0}/s\n  gold: {0}/g\n  checkpoints: {0}/c\n"
MODULE = """
values = {"lake": "/lake", "db_password": "pa55word"}

def function(name):
    print("ASKED", name)
    if name == "db_password":
        return "from the function"
"""

Load = Callable[..., Environment]


@pytest.fixture
def load(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Load:
    (tmp_path / "shop_secrets.py").write_text(MODULE)
    monkeypatch.syspath_prepend(tmp_path)
    importlib.invalidate_caches()
    monkeypatch.delitem(sys.modules, "shop_secrets", raising=False)

    def loads(text: str, **variables: str) -> Environment:
        (tmp_path / "mine.yaml").write_text(text)
        return load_environment(str(tmp_path / "mine.yaml"), variables)

    return loads


def test_a_mapping_answers_plain_names_before_variables_do(load: Load) -> None:
    text = "secrets: shop_secrets:values\n" + LAYERS.format("${lake}")
    environment = load(text, lake="/variable", db_user="me")
    assert environment.layer_url("gold") == "/lake/g"
    secrets = Secrets(environment.secrets)
    assert (secrets["db_password"], secrets["db_user"]) == ("pa55word", "me")


def test_a_function_is_asked_at_use_and_not_while_definitions_load(
    load: Load, capsys: pytest.CaptureFixture[str]
) -> None:
    environment = load("secrets: shop_secrets:function\n" + LAYERS.format("${lake}"), lake="/variable")
    assert environment.layer_url("gold") == "/variable/g"
    assert "ASKED" not in capsys.readouterr().out
    assert Secrets(environment.secrets)["db_password"] == "from the function"
    with pytest.raises(ConfigErrors, match="needed while definitions load, and that is answered at use only"):
        load("secrets: shop_secrets:function\n" + LAYERS.format("${not_a_variable}"))


@pytest.mark.parametrize(
    "reference", ["${keyvault:vault/lake}", "${secretsmanager:lake}", "${databricks:scope/lake}"]
)
def test_what_needs_a_network_stands_in_no_layer(load: Load, reference: str) -> None:
    with pytest.raises(ConfigErrors) as caught:
        load("description: x\n" + LAYERS.format("/x").replace("/x/g", reference))
    (error,) = caught.value.errors
    assert (error.where.line, error.what.startswith(f"`layers.gold` cannot be `{reference}`")) == (6, True)
    assert "a variable, a file" in error.remedy


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("shop_secrets:valves", "Did you mean `values`"),
        ("shop_secret:values", "ModuleNotFoundError"),
        ("shop_secrets:MODULE_CONSTANT", "has no"),
        ("sys:path", "is list"),
        ("nonsense", "package.module:function"),
    ],
)
def test_what_cannot_be_asked_is_told_with_its_line(load: Load, said: str, told: str) -> None:
    with pytest.raises(ConfigErrors) as caught:
        load("description: x\nsecrets: " + said + "\n" + LAYERS.format("/x"))
    (error,) = caught.value.errors
    assert told in str(error)
    assert error.where.line == 2


@pytest.mark.parametrize(
    ("reference", "said"),
    [
        ("${env:SHPO}", "`SHOP`"),
        ("${smtp}", "variable of the process"),
        ("${keyvalt:a/b}", "`keyvault`"),
    ],
)
def test_unknown_names_are_load_errors(load: Load, reference: str, said: str) -> None:
    with pytest.raises(ConfigErrors) as caught:
        load("description: x\n" + LAYERS.format(reference), SHOP="/shop")
    (error,) = caught.value.errors
    assert (error.where.line, said in error.remedy) == (3, True)


def test_a_value_is_not_repeated_in_a_message(load: Load) -> None:
    with pytest.raises(ConfigErrors) as caught:
        text = "settle: ${env:PASSWORD}\nengine: {memory_limit: '${env:PASSWORD}'}\n"
        load(text + LAYERS.format("/x"), PASSWORD="pa55word")
    assert len(caught.value.errors) == 2
    assert "pa55word" not in str(caught.value)
    assert "${env:PASSWORD}" in str(caught.value)


@pytest.mark.parametrize(
    ("layer", "url"),
    [
        ("/data/lake/gold", "/data/lake/dev_me/gold"),
        ("abfss://lake@account.dfs.core.windows.net/gold", "abfss://lake@account.dfs.core.windows.net/dev_me/gold"),
        ("abfss://gold@account.dfs.core.windows.net", "abfss://gold@account.dfs.core.windows.net/dev_me"),
        ("s3a://bucket/lake/gold/", "s3://bucket/dev_me/lake/gold"),
    ],
)  # fmt: skip
def test_a_prefix_stands_before_each_layers_path(load: Load, layer: str, url: str) -> None:
    text = "prefix: dev_${env:USER}\n" + LAYERS.format("/x").replace("/x/g", layer)
    environment = load(text, USER="me")
    assert environment.layer_url("gold") == url
    assert environment.layer_url("landing") == "/x/dev_me/l"


@pytest.mark.parametrize("prefix", ["/dev", "a/../b", "a//b", "s3://x", "50%", "a#1", "a?", "''"])
def test_a_prefix_is_a_relative_folder(load: Load, prefix: str) -> None:
    with pytest.raises(ConfigErrors, match="prefix"):
        load(f"prefix: {prefix}\n" + LAYERS.format("/x"))


def test_loading_asks_no_vault_and_imports_no_client(tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text(
        LAYERS.format("/x")
        + "stores:\n  - provider: azure\n    account: account1\n    account_key: ${keyvault:vault/key}\n"
    )
    code = (
        "import sys; from odibi_dagster.environment import load_environment as l; "
        f"e = l({str(file)!r}); assert 'key' in repr(e.settings.stores[0].account_key); "
        "print({'azure', 'boto3', 'botocore', 'pandas', 'pyspark', 'requests'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stdout == "set()\n", done.stderr


def test_a_secrets_import_path_that_fails_is_the_only_error(load: Load) -> None:
    with pytest.raises(ConfigError) as caught:
        load("secrets: nowhere:values\n" + LAYERS.format("${lake}"))
    assert "lake" not in str(caught.value)


def test_a_table_file_shows_no_secret_of_the_environment(load: Load, tmp_path: Path) -> None:
    stores = "stores:\n  - {provider: azure, account: account1, account_key: '${env:KEY}'}\n"
    environment = load(stores + LAYERS.format("/x"), KEY="k3y-of-the-account", TEAM="shop")
    (tmp_path / "tables/silver").mkdir(parents=True)
    table = tmp_path / "tables/silver/a.sql"
    table.write_text("/*\ndescription: of ${env:TEAM}\ntags: {team: '${env:KEY}'}\n*/\nSELECT 1 AS id\n")
    with pytest.raises(ConfigErrors) as caught:
        load_tables(tmp_path / "tables", environment.secrets)
    (error,) = caught.value.errors
    assert (error.where.line, error.what) == (3, "`${env:KEY}` holds a secret of the environment.")
    table.write_text("/*\ndescription: of ${env:TEAM}\n*/\nSELECT 1 AS id\n")
    assert load_tables(tmp_path / "tables", environment.secrets)[0].description == "of shop"
