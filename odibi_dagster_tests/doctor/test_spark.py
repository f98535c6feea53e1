"""What the doctor says of Spark: Java, jars, settings without secrets, and a live look at each layer."""

from __future__ import annotations

import json
import time
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from odibi_dagster.doctor import spark as looking
from odibi_dagster.doctor.check import Finding
from odibi_dagster.doctor.doctor import doctor
from odibi_dagster.spark import session
from odibi_dagster_tests.clouds import new_cloud
from odibi_dagster_tests.services.azurite import Azurite
from odibi_dagster_tests.services.ports import free_ports
from odibi_dagster_tests.services.seaweedfs import SeaweedFS

LAYERS = ("landing", "bronze", "silver", "gold", "checkpoints")


@pytest.fixture
def lake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An environment on Spark, and one table file."""
    config = {"spark.sql.shuffle.partitions": 3, "spark.shop.pin": "${PIN}"}
    environment = {
        "engine": "spark",
        "spark": {"config": config},
        "layers": {layer: str(tmp_path / layer) for layer in LAYERS},
    }
    (tmp_path / "spark.yaml").write_text(json.dumps(environment))
    tables = tmp_path / "tables/bronze"
    tables.mkdir(parents=True)
    (tables / "orders.yaml").write_text("from: landing\npath: raw/*.csv\nformat: csv\nschema: {id: bigint}\n")
    monkeypatch.setenv("PIN", "pin-4711")
    monkeypatch.setenv("ODIBI_ENV", str(tmp_path / "spark.yaml"))
    monkeypatch.setenv("ODIBI_TABLES", str(tmp_path / "tables"))
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path / "home"))
    yield tmp_path
    session.close()


def found() -> dict[str, list[Finding]]:
    said: dict[str, list[Finding]] = defaultdict(list)
    for each in doctor():
        if each.subject == "Spark":
            said[each.check].append(each)
    return said


def test_all_is_there(lake: Path, spark: SparkSession) -> None:
    spark.range(3).write.format("delta").save(str(lake / "bronze/orders"))
    said = found()
    assert {each.result for several in said.values() for each in several} == {"ok"}, said
    settings = [each.text for each in said["settings"]]
    assert settings[0] == "preset local, on local[*]"
    assert "spark.sql.shuffle.partitions = 3" in settings and "spark.shop.pin = ***" in settings
    assert "pin-4711" not in str(said)
    layers = [each.text for each in said["layers"]]
    assert "bronze: 1 entries, bronze.orders is read, with rows" in layers
    assert "gold: 0 entries, no table is published here yet" in layers
    assert not session.is_open()


def test_missing_jars_are_named(lake: Path, spark: SparkSession, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(looking, "default_home", lambda: lake)
    said = found()
    (jars,) = said["jars"]
    assert jars.result == "failed" and "46 of Spark's 46 jars" in jars.text
    assert "odibi-dagster spark-jars" in jars.remedy
    assert [said[name][0].result for name in ("session", "layers")] == ["skipped", "skipped"]


def test_an_old_java_is_told(lake: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = lake / "jdk/bin/java"
    program.parent.mkdir(parents=True)
    program.write_text("#!/bin/sh\necho 'openjdk version \"11.0.2\" 2019-01-15' >&2\n")
    program.chmod(0o755)
    monkeypatch.setenv("JAVA_HOME", str(lake / "jdk"))
    (java,) = found()["Java"]
    assert java.result == "failed" and "is Java 11, and Spark needs 17" in java.text
    assert "JAVA_HOME" in java.remedy
    monkeypatch.setenv("JAVA_HOME", str(lake))
    (java,) = found()["Java"]
    assert java.result == "failed" and "JAVA_HOME holds no Java" in java.text


def test_a_pandas_environment_is_not_asked(lake: Path) -> None:
    file = lake / "spark.yaml"
    file.write_text(file.read_text().replace('"engine": "spark", ', ""))
    assert not found()


@pytest.mark.parametrize(
    ("name", "key", "endpoint"),
    [
        ("azure", "AZURE_STORAGE_ACCOUNT_KEY", "AZURE_STORAGE_ENDPOINT"),
        ("aws", "AWS_SECRET_ACCESS_KEY", "AWS_ENDPOINT_URL"),
    ],
)
@pytest.mark.parametrize(("what", "seconds"), [("key", 10), ("endpoint", 20)])
def test_what_is_wrong_with_a_store_is_found_soon(
    name: str,
    key: str,
    endpoint: str,
    what: str,
    seconds: int,
    azurite: Azurite,
    seaweedfs: SeaweedFS,
    spark: SparkSession,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Told of the store in time, and by Spark in the same words, without the key."""
    cloud = new_cloud(name, tmp_path / "cloud", azurite, seaweedfs)
    (dead,) = free_ports(1)
    wrong = "d3Jvbmcga2V5IG9mIG5vYm9keQ=="
    told = (
        {key: wrong}
        if what == "key"
        else {endpoint: f"http://127.0.0.1:{dead}/{'odibitests' * (name == 'azure')}"}
    )
    for each, value in {**cloud.env, **cloud.variables, **told, "ODIBI_ENV": f"{name}-spark"}.items():
        monkeypatch.setenv(each, value)
    begun, failed = time.monotonic(), []
    for each in doctor():
        if each.result == "failed":
            failed.append((each.subject, each.check, time.monotonic() - begun))
            assert each.remedy and wrong not in str(each)
    session.close()
    store, layers = failed
    assert store[1] == ("credentials" if what == "key" else "connection") and store[2] < seconds
    assert layers[:2] == ("Spark", "layers") and layers[2] - store[2] < 60
