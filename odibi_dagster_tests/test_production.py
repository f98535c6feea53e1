"""docs/production.md: runs in PostgreSQL, logs of steps in S3 and Blob storage, by Dagster's own classes."""

from __future__ import annotations

import base64
import os
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest

from odibi_dagster_tests.clouds import aws_variables, azure_variables
from odibi_dagster_tests.docs.blocks import ROOT, blocks
from odibi_dagster_tests.docs.clone import copy_tree, run_page
from odibi_dagster_tests.docs.test_commands import hold
from odibi_dagster_tests.lakes import Lake
from odibi_dagster_tests.services.azurite import ACCOUNT
from odibi_dagster_tests.services.azurite import azurite as start_azurite
from odibi_dagster_tests.services.certificates import certificate
from odibi_dagster_tests.services.place import Place
from odibi_dagster_tests.services.postgres import Postgres
from odibi_dagster_tests.services.postgres import postgres as start_postgres
from odibi_dagster_tests.services.seaweedfs import SeaweedFS
from odibi_dagster_tests.services.tunnel import tunnel

FILES = {block.name: block.text for block in blocks(ROOT / "docs/production.md") if block.name}
TABLE = '''
"""
columns: {n: {type: bigint}}
"""
import pandas as pd


def numbers() -> pd.DataFrame:
    print("said by the step of bronze.numbers")
    return pd.DataFrame({"n": [1, 2, 3]})
'''
SAID = "said by the step of bronze.numbers"


@pytest.fixture(scope="module")
def postgres() -> Iterator[Postgres]:
    with start_postgres() as server:
        yield server


def url(server: Postgres) -> str:
    """As on the page: without the driver, SQLAlchemy 2.1 takes another one than dagster-postgres brings."""
    return server.url.replace("postgresql://", "postgresql+psycopg2://")


def run(root: Path, settings: str, variables: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """One table through Dagster's own command; then the run is in the database and nowhere on this disk."""
    lake = Lake(root, root / "tables", variables)
    (root / "tables/bronze").mkdir(parents=True)
    (root / "tables/bronze/numbers.py").write_text(TABLE)
    lake.home.mkdir(parents=True)
    own = (ROOT / "odibi_dagster/dagster.yaml").read_text()
    (lake.home / "dagster.yaml").write_text(own + settings)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    done = lake.materialize("key:bronze/numbers")
    with dg.DagsterInstance.from_config(str(lake.home)) as instance:
        (found,) = instance.get_run_records(dg.RunsFilter(statuses=[dg.DagsterRunStatus.SUCCESS]), limit=1)
        event = instance.get_latest_materialization_event(dg.AssetKey(["bronze", "numbers"]))
        assert event is not None and event.run_id == found.dagster_run.run_id
    assert not list(lake.home.rglob("*.db")), "SQLite was not asked"
    assert os.environ["DAGSTER_POSTGRES_URL"] not in done.stdout + done.stderr


def logs(place: Place) -> str:
    """What the steps wrote, as it lies in the store."""
    paths = [path for path in place.paths() if path.endswith((".err", ".out"))]
    assert paths, place.paths()
    return b"".join(place.read(path) for path in paths).decode()


def test_the_commands_of_the_page(postgres: Postgres, seaweedfs: SeaweedFS, tmp_path: Path) -> None:
    page, clone = ROOT / "docs/production.md", copy_tree(tmp_path / "clone")
    variables = aws_variables(seaweedfs, seaweedfs.bucket("logs").removeprefix("s3://"))
    done = run_page(blocks(page), clone, {**variables, "DAGSTER_POSTGRES_URL": url(postgres)})
    hold(page, done)
    assert "runs in PostgresRunStorage, logs in S3ComputeLogManager" in "".join(done.outputs.values())


def test_s3(
    postgres: Postgres, seaweedfs: SeaweedFS, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bucket = seaweedfs.bucket("logs")
    variables = aws_variables(seaweedfs, bucket.removeprefix("s3://"))
    run(tmp_path, FILES["s3.yaml"], {**variables, "DAGSTER_POSTGRES_URL": url(postgres)}, monkeypatch)
    assert SAID in logs(Place(seaweedfs, f"{bucket}/dagster"))


def test_azure(postgres: Postgres, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Dagster's class knows no endpoint: a proxy leads the account's real host to Azurite."""
    host = f"{ACCOUNT}.blob.core.windows.net"
    made = certificate(tmp_path / "certificates", names=(host, "localhost"))
    with (
        start_azurite(tmp_path / "azurite", made) as server,
        tunnel({host: int(server.endpoint.rpartition(":")[2].partition("/")[0])}) as between,
    ):
        server.blobs().create_container("logs")
        variables = {
            **azure_variables(server, "logs"),
            "HTTPS_PROXY": between.url,
            "NO_PROXY": "127.0.0.1",
            "REQUESTS_CA_BUNDLE": str(made.authority),
            "DAGSTER_POSTGRES_URL": url(postgres),
        }
        run(tmp_path, FILES["azure.yaml"], variables, monkeypatch)
        assert host in between.seen
        names = [blob.name for blob in server.blobs().get_container_client("logs").list_blobs()]
        told = [name for name in names if name.startswith("dagster/") and name.endswith((".err", ".out"))]
        assert told, names
        text = b"".join(
            server.blobs().get_blob_client("logs", name).download_blob().readall() for name in told
        ).decode()
        assert SAID in text
        assert server.key not in text and base64.b64encode(server.key.encode()).decode() not in text
