"""The shipped cloud environments: variables, Dagster's own command, and the local demo's rows."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import dagster as dg
import duckdb
import pytest

from odibi_dagster.build import build_defs
from odibi_dagster.demo import more_orders
from odibi_dagster.environment import load_environment
from odibi_dagster.storage.credentials.aws import AwsCredential
from odibi_dagster.storage.stores import Stores, using
from odibi_dagster_tests.clouds import Cloud, new_cloud
from odibi_dagster_tests.docs.blocks import ROOT, blocks
from odibi_dagster_tests.docs.clone import copy_tree, run_page
from odibi_dagster_tests.docs.test_commands import hold
from odibi_dagster_tests.lakes import Lake, rows_of
from odibi_dagster_tests.oracle import TYPES, differences
from odibi_dagster_tests.services.azurite import Azurite
from odibi_dagster_tests.services.place import Place
from odibi_dagster_tests.services.seaweedfs import SeaweedFS

#: Instants, and what is made of them.
_WHEN = ("processed_at", "snapshot_at", "_landed_at", "year", "month", "day")


@pytest.fixture(scope="module", params=["azure", "aws", "hybrid"])
def cloud(
    request: pytest.FixtureRequest,
    demo_lake: Lake,
    azurite: Azurite,
    seaweedfs: SeaweedFS,
    tmp_path_factory: pytest.TempPathFactory,
) -> Cloud:
    """The demo, landed in a cloud and materialized with Dagster's own command."""
    made = new_cloud(request.param, tmp_path_factory.mktemp(request.param), azurite, seaweedfs)
    made.land(demo_lake.landing)
    made.materialize("*")
    return made


def test_the_tables_are_the_local_ones(cloud: Cloud, demo_lake: Lake) -> None:
    for table in sorted(TYPES):
        wanted = demo_lake.rows(table)
        assert wanted, table
        assert differences(wanted, cloud.rows(table), ignoring=_WHEN) == [], table


def test_the_doctor_finds_nothing_wrong(cloud: Cloud) -> None:
    done = cloud.run("odibi-dagster", "doctor", "--write", "--json")
    document = json.loads(done.stdout)
    assert document["success"]
    wrong = [each for each in document["checks"] if each["result"] not in ("ok", "skipped")]
    assert [each["check"] for each in wrong if each["check"] not in ("disk", "memory")] == []
    assert "12 opened" in {each["check"]: each["text"] for each in document["checks"]}["table logs"]
    for name, value in cloud.variables.items():
        assert "KEY" not in name or name == "AWS_ACCESS_KEY_ID" or value not in done.stdout + done.stderr


def test_a_new_file_is_seen_by_the_sensor_and_taken(
    cloud: Cloud, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with _process_of(cloud, monkeypatch), dg.DagsterInstance.from_config(str(cloud.home)) as instance:

        def asked() -> list[str | None]:
            sensor = defs.resolve_sensor_def("landing")
            found = sensor.evaluate_tick(dg.build_sensor_context(instance, definitions=defs))
            return [request.run_key for request in found.run_requests or []]

        defs = build_defs()
        assert asked() == []
        file = more_orders(tmp_path, 10, seed=3)
        cloud.landed.write(f"raw/orders/2024/{file.name}", file.read_bytes())
        assert asked() == ["bronze.orders:2:1"]
        before = len(cloud.rows("bronze.orders"))
        cloud.materialize("key:bronze/orders")
        assert len(cloud.rows("bronze.orders")) == before + 10
        assert asked() == []


@contextmanager
def _process_of(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """This process has the cloud's variables; afterwards it has its former stores."""
    for name in os.environ.keys() - cloud.env.keys():
        monkeypatch.delenv(name)
    for name, value in cloud.env.items():
        monkeypatch.setenv(name, value)
    with using(Stores()):
        yield


def test_the_key_of_the_page_on_azure_is_in_a_mounted_file(tmp_path: Path) -> None:
    """So that the next run after a rotation uses the new one: storage/test_rotation.py."""
    key, file = tmp_path / "azure_key", tmp_path / "prod.yaml"
    file.write_text(_file("azure.md", "prod.yaml").replace("/run/secrets/azure_key", str(key)))
    key.write_text("Zmlyc3Q=\n")
    # What the process has is not asked: the file names a key.
    others = {"AZURE_STORAGE_ACCOUNT_NAME": "shopdata", "AZURE_STORAGE_CONTAINER": "shop"}
    environment = load_environment(str(file), {**others, "AZURE_STORAGE_ACCOUNT_KEY": "bm90IHRoaXMgb25l"})
    store = environment.stores.store_of("abfss://shop@shopdata.dfs.core.windows.net/x")
    assert store.delta_options()["account_key"] == "Zmlyc3Q="
    key.write_text("c2Vjb25k\n")
    assert store.delta_options()["account_key"] == "c2Vjb25k"


def test_the_role_of_the_page_on_s3_is_what_the_file_says(tmp_path: Path) -> None:
    file = tmp_path / "prod.yaml"
    file.write_text(_file("s3.md", "prod.yaml"))
    environment = load_environment(str(file), {"AWS_BUCKET": "shop", "shop_external_id": "abc"})
    credential = environment.stores.store_of("s3://shop/x").credential
    assert isinstance(credential, AwsCredential)
    assert (credential.kind, credential.region_name) == ("role", "eu-central-1")
    assert dict(credential.options)["sse_kms_key_id"] == "alias/shop"


@pytest.mark.parametrize("page", ["azure.md", "s3.md"])
def test_the_commands_of_a_page(page: str, azurite: Azurite, seaweedfs: SeaweedFS, tmp_path: Path) -> None:
    cloud = new_cloud(page.replace(".md", "").replace("s3", "aws"), tmp_path, azurite, seaweedfs)
    hold(
        ROOT / "docs" / page,
        run_page(blocks(ROOT / "docs" / page), copy_tree(tmp_path / "clone"), _read(cloud)),
    )


def test_the_guides_second_example(azurite: Azurite, seaweedfs: SeaweedFS, tmp_path: Path) -> None:
    """docs/hybrid.md: from another bucket into another container, partitioned."""
    seaweedfs.client().create_bucket(Bucket="source-bucket")
    azurite.blobs().create_container("processed")
    for month in (1, 2):
        local = tmp_path / f"{month}.parquet"
        duckdb.connect().sql(
            "COPY (SELECT range AS id, "
            f"DATE '2024-{month:02}-01' + CAST(range % 28 AS INTEGER) AS date_column FROM range(100)) "
            f"TO '{local}'"
        )
        Place(seaweedfs, "s3://source-bucket").write(f"data/{month}.parquet", local.read_bytes())
    cloud = new_cloud("hybrid", tmp_path, azurite, seaweedfs)
    page, clone = ROOT / "docs/hybrid.md", copy_tree(tmp_path / "clone")
    hold(page, run_page(blocks(page), clone, _read(cloud)))

    output = Place(azurite, azurite.root("processed")) / "output"
    table = output.delta()
    assert table.metadata().partition_columns == ["year", "month"]
    files = table.file_uris()
    assert {part for file in files for part in file.split("/") if "=" in part} == {
        "year=2024",
        "month=1",
        "month=2",
    }
    rows = list(rows_of(table))
    assert len(rows) == 200
    assert all(row["month"] == row["date_column"].month for row in rows)
    with dg.DagsterInstance.from_config(str(clone / ".dagster")) as instance:
        event = instance.get_latest_materialization_event(dg.AssetKey(["silver", "enriched"]))
        assert event is not None and event.asset_materialization is not None
        lineage = event.asset_materialization.metadata["dagster/column_lineage"].value
        assert [dep.asset_key for dep in lineage.deps_by_column["year"]] == [dg.AssetKey(["bronze", "input"])]


def test_the_sources_bucket_is_an_external_asset(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("bronze/input.yaml", "silver/enriched.sql"):
        file = tmp_path / name
        file.parent.mkdir(parents=True)
        file.write_text(_file("hybrid.md", f"shop/{name}"))
    variables = {
        "AWS_BUCKET": "landing",
        "AZURE_STORAGE_ACCOUNT_NAME": "shopdata",
        "AZURE_STORAGE_CONTAINER": "shop",
    }
    for key, value in {"ODIBI_ENV": "hybrid", "ODIBI_TABLES": str(tmp_path), **variables}.items():
        monkeypatch.setenv(key, value)
    with using(Stores()):
        graph = build_defs().resolve_asset_graph()
    (source,) = graph.get(dg.AssetKey(["bronze", "input"])).parent_keys
    assert graph.get(source).is_external
    assert graph.get(source).metadata["dagster/uri"] in (
        "s3://source-bucket/data/*.parquet",
        "s3a://source-bucket/data/*.parquet",
    )


def _read(cloud: Cloud) -> dict[str, str]:
    """What the reader of a page has exported."""
    return {
        **{name: value for name, value in cloud.variables.items() if name != "ODIBI_ENV"},
        "XDG_CACHE_HOME": str(cloud.root / "cache"),
    }


def _file(page: str, name: str) -> str:
    return next(block.text for block in blocks(ROOT / "docs" / page) if block.name == name)
