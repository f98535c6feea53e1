"""`extends:`: one environment file on top of another."""

from __future__ import annotations

from pathlib import Path

import pytest

from odibi_dagster.environment import Environment, load_environment
from odibi_dagster.errors import ConfigError, ConfigErrors

PROD = """layers:
  landing: /prod/landing
  bronze: /prod/bronze
  silver: /prod/silver
  gold: /prod/gold
  checkpoints: /prod/checkpoints
retry: {max_retries: 5, delay: 1s}
hooks:
  - {call: "alerts:tell"}
"""


def load(folder: Path, files: dict[str, str], **variables: str) -> Environment:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return load_environment(str(folder / next(iter(files))), variables)


def test_the_files_own_keys_win_sections_are_merged_and_lists_replaced(tmp_path: Path) -> None:
    top = "extends: ../prod.yaml\nlayers: {gold: /mine/gold}\nretry: {delay: 9s}\nhooks: []\n"
    dev = load(tmp_path, {"team/dev.yaml": top, "prod.yaml": PROD})
    assert (dev.name, dev.layer_url("gold"), dev.layer_url("bronze")) == ("dev", "/mine/gold", "/prod/bronze")
    retry = dev.settings.retry.retry()
    assert (retry.max_retries, retry.delay) == (5, 9.0)
    assert dev.settings.hooks == ()


def test_a_shipped_environment_is_extended_by_name_and_chains_are_followed(tmp_path: Path) -> None:
    files = {"c.yaml": "extends: b.yaml\nsettle: 7s\n", "b.yaml": "extends: local\ndescription: b\n"}
    settings = load(tmp_path, files, ODIBI_LAKE="/lake").settings
    assert (settings.settle, settings.description, settings.layers.gold) == (7.0, "b", "/lake/gold")


def test_what_is_replaced_is_not_resolved(tmp_path: Path) -> None:
    files = {
        "a.yaml": "extends: b.yaml\nlayers: {gold: /g}\n",
        "b.yaml": PROD.replace("/prod/gold", "${NOT}"),
    }
    assert load(tmp_path, files).layer_url("gold") == "/g"


def test_problems_name_the_file_they_are_in(tmp_path: Path) -> None:
    base = PROD.replace("/prod/gold", "${NOT}").replace("5", "many")
    with pytest.raises(ConfigErrors) as caught:
        load(tmp_path, {"a.yaml": "extends: b.yaml\nsettle: soon\n", "b.yaml": base})
    told = str(caught.value)
    for place in ("a.yaml:2: ", "b.yaml:5: ", "b.yaml:7: "):
        assert place in told, told


@pytest.mark.parametrize(
    "files",
    [
        {"a.yaml": "extends: a.yaml\n"},
        {"a.yaml": "extends: b.yaml\n", "b.yaml": "extends: ./a.yaml\n"},
    ],
)
def test_cycles_are_refused(tmp_path: Path, files: dict[str, str]) -> None:
    with pytest.raises(ConfigErrors, match="extends itself"):
        load(tmp_path, files)


def test_what_is_extended_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="local"):
        load(tmp_path, {"a.yaml": "extends: locale\n"})
    with pytest.raises(ConfigError, match="no environment file"):
        load(tmp_path, {"a.yaml": "extends: gone.yaml\n"})
    with pytest.raises(ConfigErrors, match="This is not YAML"):
        load(tmp_path, {"a.yaml": "extends: b.yaml\n", "b.yaml": "a: [1\n"})
