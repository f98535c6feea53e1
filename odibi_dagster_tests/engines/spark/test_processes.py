"""How many JVMs a run starts: one in its own process, one for each step on Spark among several, else none."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from odibi_dagster.spark.java import java
from odibi_dagster_tests.lakes import Lake
from odibi_dagster_tests.services.java import installed_java

TABLES = {
    "bronze/orders.yaml": "engine: spark\nfrom: landing\npath: orders/*\nformat: csv\nschema: {id: bigint}\n",
    "silver/orders.sql": "/*\nengine: pandas\n*/\nSELECT id, id * 2 AS twice FROM bronze.orders\n",
    "gold/twice.sql": "/*\nengine: spark\n*/\nSELECT id, soundex('Robert') AS sound FROM silver.orders\n",
}
LAYERS = ("landing", "bronze", "silver", "gold", "checkpoints")


class Shop(Lake):
    """A lake whose Java writes down who starts it."""

    def prepare(self) -> None:
        for name, text in TABLES.items():
            file = self.root / "tables" / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
        program = self.root / "jdk/bin/java"
        program.parent.mkdir(parents=True)
        # Spark's own launcher is a short JVM, which says how the lasting one is started.
        program.write_text(f'''#!/bin/sh
case "$*" in *spark.launcher.Main*) ;; *) echo "$PPID" >> "{self.root}/started";; esac
exec "{java()}" "$@"
''')
        program.chmod(0o755)

    def environment(self, engine: str, executor: str) -> None:
        """The environment file that the next run reads."""
        config = {"spark.driver.extraJavaOptions": "-XX:+UseSerialGC -XX:TieredStopAtLevel=1"}
        document = {
            "engine": {"name": engine, "memory_limit": "1GB", "threads": 2},
            "layers": {layer: str(self.path / layer) for layer in LAYERS},
            "executor": {"kind": executor, **({"max_concurrent": 1} if executor == "multiprocess" else {})},
            "spark": {"config": config},
            "settle": "0s",
        }
        (self.root / "environment.yaml").write_text(json.dumps(document))

    def land(self, number: int) -> None:
        file = self.landing / f"orders/{number}.csv"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"id\n{number}\n")

    def jvms(self, select: str = "*") -> int:
        """How many a run of Dagster's command starts."""
        log = self.root / "started"
        log.unlink(missing_ok=True)
        self.materialize(select)
        return len(log.read_text().split()) if log.exists() else 0


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    installed_java()
    variables = {"JAVA_HOME": str(tmp_path / "jdk"), "ODIBI_ENV": str(tmp_path / "environment.yaml")}
    shop = Shop(tmp_path, tmp_path / "tables", variables)
    shop.prepare()
    return shop


def test_a_table_s_own_engine_and_its_jvm(shop: Shop) -> None:
    """A header's word holds in environments of either engine, in one process and in several."""
    shop.land(1)
    shop.environment("pandas", "multiprocess")
    assert shop.jvms() == 2, "bronze.orders and gold.twice, each in a process of its own"
    # Nothing new has landed, and what is not on Spark needs none.
    assert shop.jvms("key:bronze/orders or key:silver/orders") == 0
    shop.land(2)
    shop.environment("spark", "in_process")
    assert shop.jvms() == 1
    assert shop.jvms("key:bronze/orders or key:silver/orders") == 0
    assert sorted((row["id"], row["sound"]) for row in shop.rows("gold.twice")) == [(1, "R163"), (2, "R163")]
    assert sorted(row["twice"] for row in shop.rows("silver.orders")) == [2, 4]
