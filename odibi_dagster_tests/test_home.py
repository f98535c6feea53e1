from __future__ import annotations

import fcntl
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import dagster as dg
import pytest
import yaml

from odibi_dagster import home
from odibi_dagster.errors import ConfigError, StorageError
from odibi_dagster.home import default_home, ensure_home

ROOT = Path(__file__).resolve().parents[1]


def test_dagster_home_is_used_when_it_is_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path / "h"))
    assert default_home() == tmp_path / "h"
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DAGSTER_HOME", "relative")  # Dagster refuses it as it stands
    assert default_home() == tmp_path / "relative"


def test_a_checkout_has_its_own_home_and_an_installed_package_the_users(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("DAGSTER_HOME", raising=False)
    assert default_home() == ROOT / ".dagster"
    monkeypatch.setattr(home, "_PACKAGE", tmp_path / "site-packages" / "odibi_dagster")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert default_home() == tmp_path / ".odibi" / "dagster"
    assert not (tmp_path / ".odibi").exists()


def test_the_home_is_complete_and_dagster_opens_it(tmp_path: Path) -> None:
    made = ensure_home(tmp_path / "a" / "home")
    assert (made / "dagster.yaml").read_bytes() == (ROOT / "dagster.yaml").read_bytes()
    assert (made / "history" / "runs.db").exists()
    assert (made / "history" / "runs" / "index.db").exists()
    assert (made / "schedules" / "schedules.db").exists()
    assert not [path.name for path in made.iterdir() if path.name.startswith(".odibi-home-")]
    with dg.DagsterInstance.from_config(str(made)) as instance:
        assert not instance.telemetry_enabled
        assert not instance.nux_enabled
        assert instance.run_retries_enabled
        assert instance.run_retries_max_retries == 2
        assert not instance.run_retries_retry_on_asset_or_op_failure
        assert instance.run_monitoring_enabled
        pools = instance.get_concurrency_config().pool_config
        assert (pools.pool_granularity.value, pools.default_pool_limit) == ("run", 1)
        assert instance.get_concurrency_config().run_queue_config.max_concurrent_runs == 2
        from dagster._core.definitions.run_request import InstigatorType

        for kind in InstigatorType.SENSOR, InstigatorType.SCHEDULE, InstigatorType.AUTO_MATERIALIZE:
            assert all(days > 0 for days in instance.get_tick_retention_settings(kind).values())


def test_a_second_call_is_fast_and_changes_nothing(tmp_path: Path) -> None:
    ensure_home(tmp_path)
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")}
    started = time.perf_counter()
    ensure_home(tmp_path)
    assert time.perf_counter() - started < 0.1
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")} == before


def test_a_second_call_does_not_import_dagster(tmp_path: Path) -> None:
    ensure_home(tmp_path)
    code = f"import sys; from odibi_dagster.home import ensure_home; ensure_home({str(tmp_path)!r}); "
    subprocess.run([sys.executable, "-c", code + "assert 'dagster' not in sys.modules"], check=True, cwd=ROOT)


def test_the_environment_variable_is_set_only_when_asked(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("DAGSTER_HOME", "/nowhere")
    ensure_home(tmp_path)
    assert os.environ["DAGSTER_HOME"] == "/nowhere"
    ensure_home(tmp_path, export=True)
    assert os.environ["DAGSTER_HOME"] == str(tmp_path)


def test_an_edited_dagster_yaml_is_kept(tmp_path: Path) -> None:
    ensure_home(tmp_path)
    (tmp_path / "dagster.yaml").write_text("telemetry: {enabled: true}\n")
    ensure_home(tmp_path)
    assert (tmp_path / "dagster.yaml").read_text() == "telemetry: {enabled: true}\n"


def test_a_dagster_yaml_from_before_is_kept(tmp_path: Path) -> None:
    (tmp_path / "dagster.yaml").write_text("telemetry: {enabled: true}\n")
    ensure_home(tmp_path)
    ensure_home(tmp_path)
    assert (tmp_path / "dagster.yaml").read_text() == "telemetry: {enabled: true}\n"
    assert (tmp_path / "history" / "runs.db").exists()


def test_an_unedited_dagster_yaml_follows_the_project(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(home, "_settings", lambda: b"telemetry: {enabled: true}\n")
    ensure_home(tmp_path)
    monkeypatch.undo()
    ensure_home(tmp_path)
    assert (tmp_path / "dagster.yaml").read_bytes() == (ROOT / "dagster.yaml").read_bytes()


def test_a_dagster_yaml_that_does_not_load_is_named(tmp_path: Path) -> None:
    (tmp_path / "dagster.yaml").write_text("telemetri: {}\n")
    with pytest.raises(ConfigError, match=r"dagster\.yaml.*settings of the Dagster home do not load"):
        ensure_home(tmp_path)


def test_a_file_in_its_place_is_named(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("")
    with pytest.raises(ConfigError, match="not a folder"):
        ensure_home(tmp_path / "home")


def test_an_unwritable_place_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied", str(tmp_path))

    monkeypatch.setattr(Path, "mkdir", refuse)
    with pytest.raises(StorageError, match="cannot be created or written"):
        ensure_home(tmp_path / "home")


def test_a_crash_in_the_middle_leaves_nothing_half_made(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    real = Path.rename
    moved: list[Path] = []

    def die_at_the_second(source: Path, target: Path) -> Path:
        if moved:
            raise KeyboardInterrupt
        moved.append(target)
        return real(source, target)

    monkeypatch.setattr(Path, "rename", die_at_the_second)
    with pytest.raises(KeyboardInterrupt):
        ensure_home(tmp_path)
    monkeypatch.undo()
    ensure_home(tmp_path)
    with dg.DagsterInstance.from_config(str(tmp_path)) as instance:
        assert instance.get_runs() == []
        assert instance.all_instigator_state() == []


OPEN = """
import sys
from odibi_dagster.home import ensure_home
ensure_home(sys.argv[1], export=True)
import dagster as dg

@dg.op
def one(): ...

@dg.job
def job():
    one()

with dg.DagsterInstance.get() as instance:
    assert job.execute_in_process(instance=instance).success
    instance.all_instigator_state()
"""


def test_eight_processes_at_once_share_a_fresh_home(tmp_path: Path) -> None:
    fresh = tmp_path / "home"
    started = [
        subprocess.Popen([sys.executable, "-c", OPEN, str(fresh)], stderr=subprocess.PIPE, cwd=ROOT)
        for _ in range(8)
    ]
    errors = [process.communicate()[1].decode() for process in started]
    assert [process.returncode for process in started] == [0] * 8, "\n".join(errors)
    with dg.DagsterInstance.from_config(str(fresh)) as instance:
        assert len(instance.get_runs()) == 8


def test_only_the_holder_of_the_lock_creates_databases(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    begun = threading.Event()
    real = home._initialize

    def initialize(folder: Path) -> None:
        begun.set()
        real(folder)

    monkeypatch.setattr(home, "_initialize", initialize)
    with (tmp_path / ".odibi-home.lock").open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        other = threading.Thread(target=ensure_home, args=(tmp_path,))
        other.start()
        assert not begun.wait(0.5)
    other.join(timeout=60)
    assert begun.is_set()
    begun.clear()
    ensure_home(tmp_path)
    assert not begun.is_set()


def test_the_wheel_carries_the_settings() -> None:
    link = ROOT / "odibi_dagster" / "dagster.yaml"
    assert link.is_symlink()
    assert link.readlink() == Path("../dagster.yaml")
    assert "load_from" in yaml.safe_load((ROOT / "workspace.yaml").read_text())
