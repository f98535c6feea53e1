"""Spark goes through the proxy of `network:`, by S3A's settings and the JVM's."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from pyspark.sql import SparkSession

from odibi_dagster.spark import session
from odibi_dagster.spark.settings import Settings
from odibi_dagster.spark.stores import HadoopStores
from odibi_dagster.storage.location import Location
from odibi_dagster.storage.network import Network
from odibi_dagster.storage.stores import Entry, Stores
from odibi_dagster_tests.services.proxy import proxy
from odibi_dagster_tests.services.seaweedfs import BUCKET, SeaweedFS
from odibi_dagster_tests.storage.credentials.test_matrix_s3 import owner


@pytest.fixture(autouse=True)
def closed() -> Iterator[None]:
    yield
    session.close()


@pytest.mark.parametrize(("no_proxy", "goes"), [(None, True), ("127.0.0.1", False)])
def test_s3_through_a_proxy(
    no_proxy: str | None, goes: bool, spark: SparkSession, seaweedfs: SeaweedFS
) -> None:
    session.close()
    stores = HadoopStores(Stores([Entry("s3", BUCKET, owner(seaweedfs, bucket=BUCKET))]))
    with proxy(seaweedfs) as running:
        network = Network(proxy=f"http://127.0.0.1:{running.port}", no_proxy=no_proxy)
        own = session.session(Settings(network=network, stores=stores))
        url = seaweedfs.url("through")
        own.range(3).write.format("delta").save(Location.parse(url).for_spark())
        name = url.rpartition("/")[2]
        assert any(name in seen.target and seen.method == "PUT" for seen in running.seen) is goes


def test_a_proxy_in_words_of_java() -> None:
    network = Network(proxy="http://us%40er:s3cret@proxy.shop:3128", no_proxy=".shop, 10.0.0.0/8")
    settings = Settings(master="spark://host:7077", network=network)
    launch, told = settings.launch(), settings.run_time()
    for key in ("spark.driver.extraJavaOptions", "spark.executor.extraJavaOptions"):
        assert "-Dhttps.proxyHost=proxy.shop" in launch[key] and "-Dhttps.proxyPort=3128" in launch[key]
        assert "-Dhttp.nonProxyHosts=shop|*.shop" in launch[key]
    assert "s3cret" not in str(launch) and told["fs.azure.networking.library"] == "JDK_HTTP_URL_CONNECTION"
    s3 = {"fs.s3a.bucket.lake.endpoint.region": "eu-central-1"}
    told = Settings(network=network, stores=lambda ours: s3).run_time()
    assert told["fs.s3a.bucket.lake.proxy.host"] == "proxy.shop"
    assert told["fs.s3a.bucket.lake.proxy.username"] == "us@er"
    assert told["fs.s3a.bucket.lake.proxy.password"] == "s3cret"
    # A Connect server is in a network of its own.
    assert "proxy" not in str(
        Settings(network=network, remote="sc://host", stores=lambda ours: s3).run_time()
    )
