"""An environment's words as Spark's configuration; nothing here starts, imports or contacts anything."""

from __future__ import annotations

import getpass
import os
import re
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from odibi_dagster.spark import proxy, trust
from odibi_dagster.spark.presets import PRESETS, Preset
from odibi_dagster.storage.network import Network
from odibi_dagster.storage.secrets.redaction import MASK
from odibi_dagster.storage.value import Value, text_of

HADOOP = "spark.hadoop."
EXTENSIONS, CATALOG, JARS = "spark.sql.extensions", "spark.sql.catalog.spark_catalog", "spark.jars"
_JAVA, _EXECUTORS = "spark.driver.extraJavaOptions", "spark.executor.extraJavaOptions"
_DELTA = {
    EXTENSIONS: "io.delta.sql.DeltaSparkSessionExtension",
    CATALOG: "org.apache.spark.sql.delta.catalog.DeltaCatalog",
}
_ALWAYS = {
    "spark.sql.session.timeZone": "UTC",
    # Delta's default is 50 tasks to read a table's log, whatever its size.
    "spark.databricks.delta.snapshotPartitions": "1",
    # A dead endpoint is told in seconds: Hadoop's own defaults try for more than a minute.
    "spark.hadoop.fs.s3a.attempts.maximum": "2",
    "spark.hadoop.fs.s3a.retry.limit": "2",
    "spark.hadoop.fs.s3a.retry.interval": "200ms",
    "spark.hadoop.fs.s3a.connection.establish.timeout": "3s",
    "spark.hadoop.fs.azure.io.retry.max.retries": "3",
    "spark.hadoop.fs.azure.io.retry.min.backoff.interval": "200",
    "spark.hadoop.fs.azure.io.retry.max.backoff.interval": "1000",
    "spark.hadoop.fs.azure.io.retry.backoff.interval": "300",
    "spark.hadoop.fs.azure.http.connection.timeout": "3000",
    "spark.hadoop.fs.azure.oauth.token.fetch.retry.max.retries": "2",
    "spark.hadoop.fs.azure.oauth.token.fetch.retry.max.backoff": "1000",
}
#: What Spark masks in its logs, its UI and `SET`: its own default does not know account keys.
_SECRET = "secret|password|token|credential|passphrase|(access|account|encryption)[.]?key"


@dataclass(frozen=True)
class Settings:
    """What an environment says about Spark.

    Args:
        preset: settings that suit a place.
        master: where the work is done, as Spark writes it: "local[4]", "spark://host:7077", "yarn", "k8s://…";
            None is this machine.
        remote: URL of a Spark Connect server, "sc://host:port/;token=…"; then there is no master.
        config: more settings, and other values of ours; what is not a plain text is secret.
        threads: of a local master; None is one a core.
        memory: bytes of a local master's heap; None is half of the machine's memory.
        concurrent: how many processes of one run have a session at once; a local master gets its share.
        spill: folder for what does not fit into memory.
        network: the proxy that Spark goes through, and the authority that a JVM of ours trusts beside the
            machine's.
        stores: returns Hadoop's settings for the environment's stores, without `spark.hadoop.`, when it is
            told whether the JVM is ours; secrets are resolved then.
    """

    preset: Preset = "local"
    master: str | None = None
    remote: Value = field(default=None, repr=False)
    config: Mapping[str, Value] = field(default_factory=dict)
    threads: int | None = None
    memory: int | None = None
    concurrent: int = 1
    spill: str | None = None
    network: Network = field(default_factory=Network)
    stores: Callable[[bool], Mapping[str, str]] = lambda ours: {}

    @property
    def where(self) -> str:
        """The master's URL."""
        if self.master:
            return self.master
        if self.threads is None and self.concurrent == 1:
            return "local[*]"
        return f"local[{max(1, (self.threads or os.cpu_count() or 1) // self.concurrent)}]"

    @property
    def local(self) -> bool:
        """Whether the work is done in a process of this machine."""
        return self.remote is None and self.where.startswith("local")

    @property
    def wants_jars(self) -> bool:
        """Whether the session needs our jars: a Connect server and Databricks have their own Delta."""
        return self.remote is None and self.preset != "databricks"

    def launch(self, jars: Sequence[str] = ()) -> dict[str, str]:
        """What a session of ours is started with; no store's secret is in it.

        A secret of `config` is in it only if the JVM itself wants it: see `secret_keys`.

        Raises:
            StorageError: the authority's file cannot be read.
        """
        late = {key for key in self.secret_keys if key.startswith((HADOOP, "spark.sql."))}
        own = {key: text_of(value) for key, value in self.config.items() if key not in late}
        settings = {**self._ours(), **own, "spark.master": self.where}
        for key, ours in (
            (EXTENSIONS, _DELTA[EXTENSIONS] if self.wants_jars else ""),
            (JARS, ",".join(jars)),
        ):
            if both := _joined(ours, own.get(key, "")):
                settings[key] = both
        trusted = trust.java_options(self.network.ca_file) if self.network.ca_file else ""
        through = proxy.java_options(self.network)
        _add(settings, _JAVA, trusted, through)
        if not self.local:
            _add(settings, _EXECUTORS, through)
        return settings

    def run_time(self, *, ours: bool = True) -> dict[str, str]:
        """What a session is told once it is there, whoever started it: Hadoop's names have no prefix.

        Secrets are resolved now. They live in the session alone: in no command line, and not in SparkConf.

        Args:
            ours: whether this process has started the JVM.
        """
        every = {**self._ours(), **{key: text_of(value) for key, value in self.config.items()}}
        hadoop = {key.removeprefix(HADOOP): value for key, value in every.items() if key.startswith(HADOOP)}
        queries = {
            key: value for key, value in every.items() if key.startswith(("spark.sql.", "spark.databricks."))
        }
        for key in (EXTENSIONS, CATALOG, "spark.sql.warehouse.dir"):
            queries.pop(key, None)
        stores = {} if self.preset == "databricks" else self.stores(ours)
        # A server of its own is in a network of its own.
        through = {} if self.remote is not None else proxy.hadoop_options(self.network, stores)
        return {**queries, **stores, **through, **hadoop}

    @property
    def secret_keys(self) -> frozenset[str]:
        """The keys of `config` whose values are secret."""
        return frozenset(key for key, value in self.config.items() if not isinstance(value, str))

    def shown(self) -> dict[str, str]:
        """The configuration, without what the stores add, as people may see it: secrets are masked."""
        own = {key: MASK if key in self.secret_keys else str(value) for key, value in self.config.items()}
        # Ours are public, such as how often Hadoop asks again for a token.
        return {**self._ours(), **masked(own)}

    def _ours(self) -> dict[str, str]:
        settings = {**_ALWAYS, **PRESETS[self.preset]}
        if self.wants_jars:
            settings |= _DELTA
        if self.remote is None:
            settings["spark.redaction.regex"] = _pattern(self.secret_keys)
            # For tables without a location: Spark makes the folder when it starts, and we make no such table.
            home = os.path.join(tempfile.gettempdir(), f"odibi-spark-{getpass.getuser()}")
            settings["spark.sql.warehouse.dir"] = f"file:{home}/warehouse"
            settings["spark.ui.showConsoleProgress"] = "false"
        return {**settings, **(self._local() if self.local else {})}

    def _local(self) -> dict[str, str]:
        settings = {
            "spark.ui.enabled": "false",
            "spark.driver.host": "127.0.0.1",
            "spark.driver.bindAddress": "127.0.0.1",
            "spark.driver.memory": f"{max(512, (self.memory or _half()) // self.concurrent // 2**20)}m",
            # 1 M rows through three tables on two cores: 6.3 s with these, 15.3 s with Spark's 200 and G1.
            "spark.sql.shuffle.partitions": str(_threads(self.where)),
            # More than 32 files are looked up by tasks, and by default each by one of its own.
            "spark.sql.sources.parallelPartitionDiscovery.parallelism": str(_threads(self.where)),
            _JAVA: "-XX:+UseParallelGC",
        }
        return {**settings, **({"spark.local.dir": self.spill} if self.spill else {})}


def masked(settings: Mapping[str, str]) -> dict[str, str]:
    """A configuration as people may see it: what the names of its keys call secret is masked."""
    return {key: MASK if re.search(_pattern(), key) else value for key, value in settings.items()}


def _pattern(keys: Iterable[str] = ()) -> str:
    """For Spark, which looks for it in keys and in values; what is escaped here means the same in Java."""
    own = (re.escape(key.removeprefix(HADOOP)) for key in sorted(keys))
    return f"(?i){'|'.join([_SECRET, *own])}"


def _add(settings: dict[str, str], key: str, *options: str) -> None:
    """Options of Java behind those that are there."""
    if more := " ".join(option for option in options if option):
        settings[key] = f"{settings.get(key, '')} {more}".strip()


def _joined(*lists: str) -> str:
    return ",".join(dict.fromkeys(each for one in lists for each in one.split(",") if each))


def _threads(master: str) -> int:
    inside = master.removeprefix("local").strip("[]").split(",")[0]
    if inside == "*":
        return os.cpu_count() or 1
    return int(inside) if inside.isdigit() else 1


def _half() -> int:
    import psutil

    return int(psutil.virtual_memory().total) // 2
