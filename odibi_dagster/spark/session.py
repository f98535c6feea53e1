"""The process's Spark session: started by the first use, shared by all, closed where it is ours."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable, Hashable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from odibi_dagster.errors import ConfigError, ResourceError, StateError
from odibi_dagster.spark.connect import answers, connect
from odibi_dagster.spark.jars import default_home, folder_in, verified
from odibi_dagster.spark.java import HOW_TO, java
from odibi_dagster.spark.kept import Kept
from odibi_dagster.spark.settings import Settings

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

_ENDING_SECONDS = 20


@dataclass(frozen=True)
class _Open:
    settings: Settings
    spark: SparkSession
    close: Callable[[], None]
    kept: Kept = field(default_factory=Kept)


_lock = threading.RLock()
_open: _Open | None = None
_holders = 0


def session(settings: Settings) -> SparkSession:
    """The process's session, with these settings; the first call starts or finds it.

    A process that has a Spark context already (a notebook of Databricks, another library) keeps it: the
    session is a new one in it, and `close` leaves it alone.

    Raises:
        StorageError: jars or Java are missing.
        ResourceError: Spark does not start; with what it said.
        StateError: another session of ours is in use.
        Unreachable: no Spark Connect server answers at the `remote`.
    """
    global _open
    with _lock:
        ended = _open is not None and _ended(_open)
        if _open is not None and (ended or _open.settings != settings):
            if _holders > 1 and not ended:
                raise StateError(
                    "This process has a Spark session with other settings already.",
                    remedy="Let runs of different environments run in processes of their own.",
                )
            close()
        if _open is None:
            _open = _opened(settings)
        return _open.spark


def kept(settings: Settings, key: Hashable, make: Callable[[], Any]) -> Any:
    """A DataFrame that the process's session keeps in memory until it is closed: see `Kept.frame`.

    Raises:
        As `session`.
    """
    with _lock:
        session(settings)
        assert _open is not None
        return _open.kept.frame(key, make)


def is_open() -> bool:
    """Whether this process has a session."""
    return _open is not None


def hold() -> None:
    """Somebody may use the session from now on: a run, a step."""
    global _holders
    with _lock:
        _holders += 1


def release() -> None:
    """Whoever held it is done; with the last one it is closed."""
    global _holders
    with _lock:
        _holders = max(0, _holders - 1)
        if not _holders:
            close()


def close() -> None:
    """Ends the session, and the JVM, if this process has started them; else leaves them alone."""
    global _open
    with _lock:
        if _open is not None:
            ending, _open = _open, None
            if not _ended(ending):
                ending.kept.clear()
            ending.close()


def _opened(settings: Settings) -> _Open:
    if settings.remote is not None:
        spark = connect(settings.remote)
        _tell(spark, own_clients(settings.run_time(ours=False)))
        return _Open(settings, spark, spark.stop)
    from pyspark import SparkContext
    from pyspark.sql import SparkSession

    if SparkContext._active_spark_context is not None:
        spark = SparkSession.builder.getOrCreate().newSession()
        # Others in this process may have reached the same store with other keys: see `own_clients`.
        _tell(spark, own_clients(settings.run_time(ours=False)))
        return _Open(settings, spark, lambda: None)
    jars = verified(folder_in(default_home())) if settings.wants_jars else ()
    spark = _started(settings, settings.launch(jars))
    try:
        _tell(spark, settings.run_time())
    except BaseException:
        _end(spark)
        raise
    return _Open(settings, spark, lambda: _end(spark))


def own_clients(settings: Mapping[str, str]) -> dict[str, str]:
    """The settings, and no client of a store that was made with other keys: Hadoop finds clients by URL."""
    schemes = {"fs.s3a.": ("s3a",), "fs.azure.": ("abfs", "abfss")}
    told = [
        each
        for start, named in schemes.items()
        if any(key.startswith(start) for key in settings)
        for each in named
    ]
    return {**settings, **{f"fs.{scheme}.impl.disable.cache": "true" for scheme in told}}


def _started(settings: Settings, launch: dict[str, str]) -> SparkSession:
    """A session of our own, in a new JVM; secrets reach it through its socket, not its command line."""
    from pyspark import SparkConf, SparkContext
    from pyspark.errors import PySparkRuntimeError
    from pyspark.sql import SparkSession

    java()
    shown = [(key, value) for key, value in launch.items() if key not in settings.secret_keys]
    own = {"PYSPARK_PYTHON": sys.executable, **({"SPARK_LOCAL_IP": "127.0.0.1"} if settings.local else {})}
    with _variables(own):
        try:
            SparkContext._ensure_initialized(conf=SparkConf().setAll(shown))
        except PySparkRuntimeError as error:
            raise ResourceError("Spark's JVM does not start.", why=str(error), remedy=HOW_TO) from error
        try:
            conf = SparkConf().setAppName("odibi-dagster").setAll(list(launch.items()))
            return SparkSession.builder.config(conf=conf).getOrCreate()
        except Exception as error:
            _end_jvm()
            raise ResourceError(
                f"Spark does not start on {settings.where}.",
                why=_first(error),
                remedy="Look at `spark:` in the environment, and whether that master answers.",
            ) from error


def _first(error: Exception) -> str:
    """The first cause's first line."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    causes = [line for line in lines if line.startswith("Caused by:")]
    return (causes or lines or [type(error).__name__])[-1 if causes else 0]


def _tell(spark: SparkSession, settings: Mapping[str, str]) -> None:
    """Sets what may be set in a running session; what a server keeps to itself is left as it is there."""
    for key, value in settings.items():
        if key.startswith(("spark.sql.", "spark.databricks.")) and not spark.conf.isModifiable(key):
            continue
        try:
            spark.conf.set(key, value)
        except Exception as error:
            raise ConfigError(
                f"Spark does not take the setting `{key}`.",
                why=_first(error),
                remedy="Take it out of `spark: {config: …}`; where a workspace has its own credentials, say "
                "`preset: databricks`.",
            ) from None


def _ended(mine: _Open) -> bool:
    """Whether somebody has stopped it behind our back, or its server has gone."""
    spark: Any = mine.spark
    if mine.settings.remote is not None:
        return not answers(spark, mine.settings.remote)
    return spark._sc._jsc is None


def _end(spark: SparkSession) -> None:
    with suppress(Exception):  # whatever it says, the process of it ends next
        spark.stop()
    _end_jvm()


def _end_jvm() -> None:
    """Ends the JVM too: it keeps clients of stores with the keys they were made with, and its jars."""
    from pyspark import SparkContext

    gateway = SparkContext._gateway
    SparkContext._gateway = SparkContext._jvm = None
    if gateway is None:
        return
    with suppress(Exception):
        gateway.shutdown()
    process = getattr(gateway, "proc", None)
    if process is None:
        return
    process.stdin.close()
    try:
        process.wait(_ENDING_SECONDS)
    except Exception:
        process.kill()
        process.wait()


@contextmanager
def _variables(wanted: Mapping[str, str]) -> Iterator[None]:
    """Process variables that somebody set already win; the others are there for a while."""
    mine = {name: value for name, value in wanted.items() if name not in os.environ}
    os.environ.update(mine)
    try:
        yield
    finally:
        for name in mine:
            os.environ.pop(name, None)
