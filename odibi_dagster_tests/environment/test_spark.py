"""`engine: spark` and `spark:` of an environment file: what they mean, and what is wrong with them."""

from __future__ import annotations

from pathlib import Path

import pytest

from odibi_dagster.environment import Environment, load_environment
from odibi_dagster.errors import ConfigErrors
from odibi_dagster.spark.settings import Settings
from odibi_dagster.storage.secrets import Secret

LAYERS = "layers: {landing: /l, bronze: /b, silver: /s, gold: /g, checkpoints: /c}\n"


def load(tmp_path: Path, text: str, **variables: str) -> Environment:
    file = tmp_path / "mine.yaml"
    file.write_text(LAYERS + text)
    return load_environment(str(file), variables)


@pytest.mark.parametrize("engine", ["engine: spark", "engine: {name: spark}"])
def test_both_forms_name_the_engine(tmp_path: Path, engine: str) -> None:
    environment = load(tmp_path, engine)
    assert environment.settings.engine.name == "spark"
    assert environment.spark().local and environment.spark().wants_jars


def test_the_engines_share_of_the_machine_is_the_local_masters(tmp_path: Path) -> None:
    engine = "engine: {name: spark, threads: 3, memory_limit: 2GB, spill: /spill}"
    launch = load(tmp_path, engine).spark().launch()
    assert launch["spark.master"] == "local[3]" and launch["spark.sql.shuffle.partitions"] == "3"
    assert launch["spark.driver.memory"] == "1907m" and launch["spark.local.dir"] == "/spill"
    several = "executor: {kind: multiprocess, max_concurrent: 2}\n"
    launch = load(tmp_path, several + engine.replace("3", "4")).spark().launch()
    assert launch["spark.master"] == "local[2]" and launch["spark.driver.memory"] == "953m"
    cluster = load(tmp_path, "engine: spark\nspark: {master: 'spark://host:7077'}").spark().launch()
    assert cluster["spark.master"] == "spark://host:7077"
    assert not {"spark.driver.memory", "spark.driver.host", "spark.sql.shuffle.partitions"} & set(cluster)


def test_what_the_environment_says_wins_over_a_preset(tmp_path: Path) -> None:
    text = """engine: spark
spark:
  preset: s3
  config:
    spark.hadoop.fs.s3a.connection.maximum: 50
    spark.sql.adaptive.enabled: false
    spark.sql.extensions: org.shop.Extension
    spark.jars: /jars/shop.jar
"""
    settings = load(tmp_path, text).spark()
    launch, told = settings.launch(["/jars/delta.jar"]), settings.run_time()
    assert launch["spark.hadoop.fs.s3a.connection.maximum"] == told["fs.s3a.connection.maximum"] == "50"
    assert launch["spark.sql.adaptive.enabled"] == told["spark.sql.adaptive.enabled"] == "false"
    assert launch["spark.hadoop.fs.s3a.fast.upload.buffer"] == "bytebuffer"
    assert launch["spark.sql.extensions"] == "io.delta.sql.DeltaSparkSessionExtension,org.shop.Extension"
    assert launch["spark.jars"] == "/jars/delta.jar,/jars/shop.jar"
    assert "spark.sql.extensions" not in told


def test_databricks_keeps_its_own_delta_and_credentials(tmp_path: Path) -> None:
    text = """engine: spark
spark: {preset: databricks, remote: "sc://host:443/;token=${TOKEN}"}
stores: [{provider: s3, access_key_id: key-1, secret_access_key: secret-1}]
"""
    settings = load(tmp_path, text, TOKEN="t0ken-4711").spark()
    assert (
        isinstance(settings.remote, Secret) and settings.remote.reveal() == "sc://host:443/;token=t0ken-4711"
    )
    assert "t0ken" not in repr(settings)
    assert not settings.wants_jars and "spark.sql.extensions" not in settings.launch()
    assert not [key for key in settings.run_time() if key.startswith("fs.s3a.access")]


def test_references_are_masked_wherever_people_look(tmp_path: Path) -> None:
    text = "engine: spark\nspark: {config: {spark.hadoop.fs.x.pin: '${PIN}', spark.shop.pin: '${PIN}'}}"
    settings: Settings = load(tmp_path, text, PIN="pin-4711").spark()
    assert settings.run_time()["fs.x.pin"] == "pin-4711"
    assert "spark.hadoop.fs.x.pin" not in settings.launch()
    assert "pin-4711" not in str(settings.shown()) + repr(settings)
    pattern = settings.launch()["spark.redaction.regex"]
    assert r"fs\.x\.pin" in pattern and r"spark\.shop\.pin" in pattern
    plain = (
        load(tmp_path, "spark: {config: {spark.executor.memory: 2g, spark.x.password: p}}").spark().shown()
    )
    assert plain["spark.executor.memory"] == "2g" and plain["spark.x.password"] == "***"


def test_the_default_chain_says_nothing_to_a_jvm_that_is_not_ours(tmp_path: Path) -> None:
    settings = load(tmp_path, "engine: spark\nstores: [{provider: s3}, {provider: azure}]").spark()
    assert settings.run_time()["fs.s3a.aws.credentials.provider"].endswith("DefaultCredentialsProvider")
    assert not [key for key in settings.run_time(ours=False) if "credentials" in key or "auth.type" in key]


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("engine: sparc", "`sparc` is not one of pandas, spark"),
        ("spark: {preset: s4}", "`s4` is not one of local, azure, s3, databricks"),
        ("spark: {master: host}", "`host` is no master of Spark"),
        ("spark: {master: yarn, remote: 'sc://host'}", "`master` and `remote` are different places"),
        ("spark: {remote: 'https://host'}", "`remote` is no URL"),
        ("spark: {config: {fs.s3a.endpoint: x}}", "`spark.hadoop.fs.s3a.endpoint`"),
        ("spark: {config: {shuffle: x}}", "`shuffle` is no setting of Spark"),
        ("spark: {config: {spark.master: yarn}}", "`spark.master` has its own key"),
        ("spark: {config: {spark.a: [1]}}", "This is no setting's value"),
        (
            "spark: {config: {spark.driver.extraJavaOptions: '-Dx=${PIN}'}}",
            "stands in the JVM's command line",
        ),
        ("spark: {config: {spark.a: '${NOWHERE}'}}", "NOWHERE"),
        ("spark: {masters: yarn}", "masters"),
    ],
)
def test_what_cannot_be_meant_is_told_at_load(tmp_path: Path, text: str, what: str) -> None:
    with pytest.raises(ConfigErrors) as caught:
        load(tmp_path, text, PIN="pin-4711")
    assert what in str(caught.value) and "mine.yaml:" in str(caught.value)
