"""Of what lies in a staged folder, the files that Spark has committed are taken, and nothing else stays."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from odibi_dagster.engines.spark import stage
from odibi_dagster.errors import StateError
from odibi_dagster_tests.engines.spark.lake import Lake, query, sorted_rows


def test_what_tasks_left_behind_is_not_taken(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    """A task that was tried twice wrote its rows twice; a killed one left the beginning of a file."""
    real = stage.adopt
    left: list[Path] = []

    def adopt(objects: Any, folder: str, **more: Any) -> Any:
        home = Path(objects.local(folder))
        (written,) = home.glob("*.parquet")
        again, begun = home / "part-00000-again.snappy.parquet", home / "part-00001-begun.snappy.parquet"
        shutil.copy(written, again)
        begun.write_bytes(written.read_bytes()[:100])
        left.extend([again, begun, home / "_delta_log"])
        return real(objects, folder, **more)

    monkeypatch.setattr(stage, "adopt", adopt)
    source = lake.make("SELECT range AS id FROM range(3)")
    with lake.session({"silver.out": lake.files(source)}, table="gold.x") as session:
        staged = session.stage(query(session, "SELECT id FROM silver.out"))
        assert staged.rows == 3
        assert len(sorted_rows(session, session.staged(staged), ["id"])) == 3
    assert left and not [path for path in left if path.exists()]


def test_what_other_engines_cannot_read_is_refused(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    real = stage.adopt

    def adopt(objects: Any, folder: str, **more: Any) -> Any:
        log = f"{folder}/_delta_log/00000000000000000000.json"
        lines = [json.loads(line) for line in objects.get(log).splitlines()]
        for line in lines:
            if "protocol" in line:
                line["protocol"]["readerFeatures"] = ["deletionVectors"]
        objects.put(log, "\n".join(json.dumps(line) for line in lines).encode())
        return real(objects, folder, **more)

    monkeypatch.setattr(stage, "adopt", adopt)
    with (
        pytest.raises(StateError, match="deletionVectors"),
        lake.session({"silver.out": lake.files(lake.make("SELECT 1 AS id"))}, table="gold.x") as session,
    ):
        session.stage(query(session, "SELECT id FROM silver.out"))
    assert not list(lake.root.glob("**/gold/x/staged-*/**/*.parquet"))
