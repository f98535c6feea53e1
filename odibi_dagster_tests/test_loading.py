"""Loading definitions is quick, imports nothing heavy, and touches neither stores nor the network."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from odibi_dagster_tests.lakes import Lake

HEAVY = ("pandas", "pyspark", "boto3", "botocore", "azure", "pyarrow", "duckdb", "deltalake", "obstore")
#: The aim is 1 s for 300 tables; a test on a shared machine may only hold ten times that.
BOUND = 10.0

TABLE = """/*
description: Table {i}.
automation: eager
columns:
  id: {{type: bigint, description: The id.}}
expect:
  amount_is_positive: {{sql: amount > 0, on_fail: drop}}
  id_is_unique: {{unique: [id]}}
  id_is_known: {{not_null: [id]}}
*/
SELECT id, CAST(amount AS DECIMAL(10,2)) AS amount, TRIM(UPPER(name)) AS name,
       CASE WHEN status IS NULL THEN 'x' ELSE status END AS status
FROM {upstream} WHERE id IS NOT NULL AND amount > 0
"""


def load(lake: Lake, code: str = "") -> dict[str, object]:
    """Loads the definitions in a fresh process and says how long it took beyond importing Dagster."""
    script = f"""
import json, socket, sys, time
import dagster
def refuse(*args, **kwargs):
    raise AssertionError("loading reached for the network")
socket.socket.connect = refuse
started = time.perf_counter()
import odibi_dagster.definitions as module
repository = module.defs.get_repository_def()
seconds = time.perf_counter() - started
heavy = sorted(name for name in {HEAVY!r} if name in sys.modules)
assets = len(repository.asset_graph.executable_asset_keys)
print(json.dumps({{"seconds": seconds, "heavy": heavy, "assets": assets}}))
"""
    done = subprocess.run(
        [sys.executable, "-c", script],
        env=lake.env,
        cwd=lake.root,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout))


def test_the_shipped_tables_load_without_anything_heavy(tmp_path: Path) -> None:
    loaded = load(Lake(tmp_path))
    assert loaded["heavy"] == []
    assert loaded["assets"] == 12
    assert not (tmp_path / "lake").exists()


def test_300_tables_with_900_checks_load_quickly(tmp_path: Path) -> None:
    silver, bronze = tmp_path / "tables" / "silver", tmp_path / "tables" / "bronze"
    silver.mkdir(parents=True)
    bronze.mkdir()
    (bronze / "t0.yaml").write_text("from: landing\npath: t0/*.parquet\nformat: parquet\nkind: append\n")
    for i in range(1, 300):
        upstream = "bronze.t0" if i % 7 == 1 else f"silver.t{i - 1}"
        (silver / f"t{i}.sql").write_text(TABLE.format(i=i, upstream=upstream))
    loaded = load(Lake(tmp_path, tables=tmp_path / "tables"))
    assert loaded["assets"] == 300
    assert loaded["heavy"] == []
    assert float(str(loaded["seconds"])) < BOUND
