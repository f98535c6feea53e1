"""One session a process: in a Spark context that is there, else in one of our own, and over Connect."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from odibi_dagster.errors import ConfigError, StateError, Unreachable
from odibi_dagster.spark import session
from odibi_dagster.spark.settings import Settings
from odibi_dagster_tests.services.ports import free_ports
from odibi_dagster_tests.services.spark import Connect


@pytest.fixture(autouse=True)
def closed() -> Iterator[None]:
    """No session of ours is left to the next test."""
    yield
    session.close()


def test_a_context_that_is_there_is_used_and_left_alone(spark: SparkSession, tmp_path: Path) -> None:
    settings = Settings(config={"spark.sql.shuffle.partitions": "3"})
    ours = session.session(settings)
    assert ours is session.session(settings)
    assert ours is not spark and ours.sparkContext is spark.sparkContext
    assert ours.conf.get("spark.sql.shuffle.partitions") == "3"
    assert spark.conf.get("spark.sql.shuffle.partitions") == "2"
    ours.range(5).write.format("delta").save(str(tmp_path / "t"))
    assert ours.read.format("delta").load(str(tmp_path / "t")).count() == 5
    session.close()
    assert spark.range(3).count() == 3


def test_other_settings_do_not_take_a_session_away_that_runs_use(spark: SparkSession) -> None:
    first, second = Settings(), Settings(config={"spark.sql.shuffle.partitions": "3"})
    session.session(first)
    session.session(second)  # nobody holds the first one
    session.hold()
    session.hold()
    with pytest.raises(StateError, match="other settings"):
        session.session(first)
    session.release()
    assert session.is_open()
    session.release()
    assert not session.is_open()


def test_over_connect(connect: Connect, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SPARK_CONNECT_MODE_ENABLED", "1")  # so that it is gone afterwards
    ours = session.session(Settings(remote=connect.url, config={"spark.sql.shuffle.partitions": "3"}))
    assert ours.conf.get("spark.sql.shuffle.partitions") == "3"
    ours.range(5).write.format("delta").save(str(tmp_path / "t"))
    assert ours.sql(f"SELECT count(*) FROM delta.`{tmp_path}/t`").collect()[0][0] == 5
    session.close()
    assert ours.is_stopped  # type: ignore[attr-defined]


def test_no_server_is_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("grpc_proxy", "https_proxy", "http_proxy", "HTTPS_PROXY", "HTTP_PROXY"):
        monkeypatch.delenv(name, raising=False)
    (port,) = free_ports(1)
    with pytest.raises(Unreachable, match=rf"sc://127.0.0.1:{port}.*No Spark Connect server") as caught:
        session.session(Settings(remote=f"sc://127.0.0.1:{port}/;token=s3cret"))
    assert "s3cret" not in str(caught.value)


def test_a_remote_that_is_no_url() -> None:
    with pytest.raises(ConfigError, match="no URL of a Spark Connect server"):
        session.session(Settings(remote="https://workspace"))


OWN = """
import os, sys, psutil
from odibi_dagster.spark import session
from odibi_dagster.spark.settings import Settings
from odibi_dagster.storage.secrets import Secret
from odibi_dagster.storage.secrets.secret import Secret

def jvms():
    return [each for each in psutil.Process().children(recursive=True) if each.name() == "java"]

secret = Secret.literal("hush-hush-4711")
settings = Settings(
    master="local[2]", memory=2**30,
    config={
        "spark.driver.extraJavaOptions": "-XX:+UseSerialGC -XX:TieredStopAtLevel=1",
        "spark.ssl.keyPassword": secret, "spark.shop.pin": secret,
        "spark.hadoop.fs.shop.pin": secret,
    },
    stores=lambda ours: {"fs.azure.account.key.shop.dfs.core.windows.net": "hush-hush-4712"},
)
spark = session.session(settings)
(jvm,) = jvms()
said = " ".join(jvm.cmdline())
assert "local[2]" in said and "hush" not in said, said
assert spark.conf.get("spark.shop.pin") == "hush-hush-4711"
assert spark.conf.get("fs.shop.pin") == "hush-hush-4711"
conf = dict(spark.sparkContext.getConf().getAll())
assert "hush-hush-4711" not in [v for k, v in conf.items() if "hadoop" in k]
assert "hush-hush-4712" not in str(conf)
told = [row.asDict() for row in spark.sql("SET -v").collect() + spark.sql("SET").collect()]
assert not [row for row in told if "hush" in str(row)], [row for row in told if "hush" in str(row)]
assert spark.range(4).count() == 4
session.hold()
session.release()
jvm.wait(20)
assert not jvms()
print("closed")
"""


def test_a_session_of_our_own_shows_no_secret_and_ends_with_the_run(tmp_path: Path) -> None:
    """In a process of its own: neither command line, SparkConf nor SET shows what is secret."""
    done = subprocess.run(
        [sys.executable, "-c", OWN], cwd=tmp_path, capture_output=True, text=True, env=dict(os.environ)
    )
    assert done.returncode == 0, done.stderr[-3000:]
    assert done.stdout.strip() == "closed"
    assert "hush" not in done.stderr
    assert not list(tmp_path.iterdir())
