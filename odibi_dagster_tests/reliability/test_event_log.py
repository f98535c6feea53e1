"""While a run works, its event databases stay open, and everybody sees each event at once."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
from dagster._core.storage.event_log import SqliteEventLogStorage
from dagster._core.storage.event_log.sqlite import sqlite_event_log

from odibi_dagster.home import ensure_home
from odibi_dagster.reliability.event_log import keep_open_while_planning, kept_open

RUN = "5f0cc1a8-6d5c-4a0b-8d0e-3f1a0a4f8a11"


@dg.asset
def thing() -> int:
    return 1


def test_databases_stay_open_and_are_closed_at_the_end(tmp_path: Path) -> None:
    home = ensure_home(tmp_path / "home")
    logs = home / "history" / "runs"
    with dg.DagsterInstance.from_config(str(home)) as instance:
        run_id = dg.materialize([thing], instance=instance).run_id
        assert list(logs.glob("*.db-wal")) == []
        with kept_open(instance, run_id):
            instance.report_engine_event("one more", job_name="job", run_id=run_id)
            assert dg.materialize([thing], instance=instance).success
            # The last to close a database removes its write-ahead log: somebody has these two open.
            assert {path.name for path in logs.glob("*.db-wal")} == {"index.db-wal", f"{run_id}.db-wal"}
        assert list(logs.glob("*.db-wal")) == []
        assert "_connect" not in vars(instance.event_log_storage)
        assert instance.all_logs(run_id)[-1].message == "one more"
        assert len(instance.fetch_materializations(thing.key, limit=10).records) == 2


def test_other_processes_read_and_write_meanwhile(tmp_path: Path) -> None:
    home = ensure_home(tmp_path / "home")
    script = f"""
import dagster as dg
from odibi_dagster_tests.reliability.test_event_log import thing
with dg.DagsterInstance.from_config({str(home)!r}) as instance:
    print(len(instance.fetch_materializations(thing.key, limit=10).records))
    assert dg.materialize([thing], instance=instance).success
"""
    with dg.DagsterInstance.from_config(str(home)) as instance, kept_open(instance, RUN):
        assert dg.materialize([thing], instance=instance).success
        command = [sys.executable, "-c", script]
        other = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
        assert other.stdout.split() == ["1"]
        assert len(instance.fetch_materializations(thing.key, limit=10).records) == 2
        assert dg.materialize([thing], instance=instance).success
        assert len(instance.fetch_materializations(thing.key, limit=10).records) == 3


def test_an_error_closes_them_too(tmp_path: Path) -> None:
    home = ensure_home(tmp_path / "home")
    with dg.DagsterInstance.from_config(str(home)) as instance:
        with pytest.raises(ZeroDivisionError), kept_open(instance, RUN):
            assert dg.materialize([thing], instance=instance).success
            raise ZeroDivisionError
        assert "_connect" not in vars(instance.event_log_storage)
        with kept_open(instance, RUN), kept_open(instance, RUN):
            assert dg.materialize([thing], instance=instance).success
        assert "_connect" not in vars(instance.event_log_storage)


def test_other_storages_are_left_alone() -> None:
    with dg.DagsterInstance.ephemeral() as instance, kept_open(instance, RUN):
        assert "_connect" not in vars(instance.event_log_storage)
        assert dg.materialize([thing], instance=instance).success


def test_what_is_used_of_dagster_is_there() -> None:
    assert SqliteEventLogStorage._connect and SqliteEventLogStorage.conn_string_for_shard
    assert SqliteEventLogStorage.run_connection and SqliteEventLogStorage.index_connection


def test_what_a_run_plans_is_written_with_one_opening_of_each_database(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []
    made = sqlite_event_log.create_engine

    def create_engine(url: str, **keywords: Any) -> Any:
        opened.append(url)
        return made(url, **keywords)

    keep_open_while_planning()
    monkeypatch.setattr(sqlite_event_log, "create_engine", create_engine)
    assets = [dg.AssetSpec(f"a{number}") for number in range(30)]

    @dg.multi_asset(specs=assets)
    def many():  # type: ignore[no-untyped-def]
        yield from ()

    home = ensure_home(tmp_path / "home")
    with dg.DagsterInstance.from_config(str(home)) as instance:
        job = dg.Definitions([many]).resolve_implicit_global_asset_job_def()
        run = instance.create_run_for_job(job)
        planned = instance.get_records_for_run(
            run.run_id, of_type=dg.DagsterEventType.ASSET_MATERIALIZATION_PLANNED
        )
        assert len(planned.records) == 30
        assert instance.get_latest_planned_materialization_info(dg.AssetKey("a7")) is not None
    assert len(opened) < 20  # without it: more than twice an event
