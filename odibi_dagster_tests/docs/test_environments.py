"""docs/environments.md: its file loads and has every key, its hook works, its tables miss nothing."""

from __future__ import annotations

import importlib
import json
import logging
from pathlib import Path

import pytest

from odibi_dagster.build import build_engine
from odibi_dagster.engines.pandas.engine import PandasEngine
from odibi_dagster.environment import load_environment
from odibi_dagster.environment.sections import (
    CacheSection,
    EngineSection,
    EnvironmentFile,
    ExecutorSection,
    HookSection,
    LayersSection,
    SensorsSection,
)
from odibi_dagster.environment.stores import NetworkSection
from odibi_dagster.project import Project
from odibi_dagster.reliability.hooks import Report, call_hooks, parse_hooks
from odibi_dagster.tables.schedule import RetrySection
from odibi_dagster_tests.docs.blocks import ROOT, blocks

PAGE = ROOT / "docs/environments.md"
TEXT = PAGE.read_text(encoding="utf-8")
FILES = {block.name: block.text for block in blocks(PAGE) if block.name}
#: test_storage.py holds what is said of the network.
SECTIONS = (
    EnvironmentFile,
    EngineSection,
    LayersSection,
    NetworkSection,
    CacheSection,
    ExecutorSection,
    RetrySection,
    SensorsSection,
    HookSection,
)


@pytest.fixture
def variables(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    (tmp_path / "prod.yaml").write_text(FILES["prod.yaml"])
    (tmp_path / "passwords.py").write_text(FILES["passwords.py"])
    monkeypatch.syspath_prepend(tmp_path)
    importlib.invalidate_caches()
    return {"SHOP_DATA": "/data", "TEAM": "sales"}


@pytest.fixture
def example(tmp_path: Path, variables: dict[str, str]) -> EnvironmentFile:
    return load_environment(str(tmp_path / "prod.yaml"), variables).settings


def test_the_file_says_every_key_there_is(example: EnvironmentFile) -> None:
    said = [
        example,
        example.engine,
        example.layers,
        example.network,
        example.cache,
        example.executor,
        example.retry,
        example.sensors,
        *example.hooks,
    ]
    assert [type(section) for section in said] == list(SECTIONS)
    for section in said:
        assert section.model_fields_set == set(type(section).model_fields), type(section).__name__


@pytest.mark.parametrize(
    "key",
    sorted(
        {name for section in SECTIONS if section is not NetworkSection for name in section.model_fields}
        | set(Report.__annotations__)
    ),
)
def test_every_key_is_described(key: str) -> None:
    assert f"| `{key}` |" in TEXT or (key in LayersSection.model_fields and f"`{key}`" in TEXT)


@pytest.mark.parametrize(
    ("section", "key", "shown"),
    [
        (EngineSection, "name", "`pandas`"),
        (CacheSection, "size", "`20GB`"),
        (ExecutorSection, "kind", "`in_process`"),
        (RetrySection, "max_retries", "`3`"),
        (RetrySection, "delay", "`10s`"),
        (RetrySection, "backoff", "`exponential`"),
        (RetrySection, "jitter", "`plus_minus`"),
        (SensorsSection, "enabled", "`true`"),
        (SensorsSection, "interval", "`30s`"),
        (HookSection, "priority", "`normal`"),
        (HookSection, "timeout", "`10s`"),
    ],
)
def test_the_defaults_are_the_code_s(section: type, key: str, shown: str) -> None:
    default = section.model_fields[key].default  # type: ignore[attr-defined]
    text = (
        str(default).lower()
        if isinstance(default, bool)
        else f"{default:g}s"
        if isinstance(default, float)
        else default
    )
    assert shown == f"`{text}`"
    (_row,) = [
        line
        for line in TEXT.splitlines()
        if line.startswith(f"| `{key}` |") and line.endswith(f"| {shown} |")
    ]


def test_a_runs_limits_are_shared_by_its_concurrent_steps(tmp_path: Path, variables: dict[str, str]) -> None:
    engine = build_engine(Project(load_environment(str(tmp_path / "prod.yaml"), variables), {}))
    assert isinstance(engine, PandasEngine)
    assert (engine.memory_limit, engine.threads, engine.concurrent_steps) == ("4GB", 2, 2)


def test_the_hook_gets_what_the_page_says(
    example: EnvironmentFile,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    (tmp_path / "alerts.py").write_text(FILES["alerts.py"])
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    importlib.invalidate_caches()
    report: Report = {
        "event": "table_failed",
        "table": "silver.orders",
        "run": "0",
        "class": "data",
        "message": "…",
        "attempt": 1,
        "remedy": "",
    }
    with caplog.at_level(logging.WARNING):
        call_hooks(parse_hooks([hook.model_dump() for hook in example.hooks]), report)
    assert caplog.messages == []
    assert [json.loads(line) for line in Path("failures.jsonl").read_text().splitlines()] == [report]
