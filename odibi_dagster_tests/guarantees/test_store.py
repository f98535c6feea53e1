"""A store on which commits of two writers would be lost silently is refused, by a real one."""

from __future__ import annotations

from pathlib import Path

from odibi_dagster_tests.guarantees.lake import COLUMNS, Lake
from odibi_dagster_tests.guarantees.processes import finish, said, start_run
from odibi_dagster_tests.services.juicefs import JuiceFS


def test_a_gateway_that_ignores_if_none_match_is_refused(juicefs: JuiceFS, tmp_path: Path) -> None:
    lake = Lake.create(tmp_path / "lake", juicefs)
    lake.land(1)
    for _ in range(2):  # a refusal is not forgotten, nor taken for a pass
        assert finish(start_run(lake)) == 1
        assert "The store lets two writers create one object" in said(lake)
    assert all(lake.table(table).paths("_delta_log") == [] for table in COLUMNS)
