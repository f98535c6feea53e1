"""Spark, as the environment names it: Java, jars, settings, and one live look at each layer."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from odibi_dagster.doctor.check import Check, Said, Subject
from odibi_dagster.environment import Environment
from odibi_dagster.environment.sections import LayersSection
from odibi_dagster.project import Project
from odibi_dagster.spark.jars import default_home, expected, folder_in, missing, not_there
from odibi_dagster.spark.java import HOW_TO, MINIMUM, PROVEN, java, version
from odibi_dagster.spark.settings import Settings
from odibi_dagster.storage.stores import location_of

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

#: Seconds that a session may take to start, and all layers to be looked at.
_START, _LOOK = 120.0, 120.0


def uses_spark(environment: Environment, project: Project | None) -> bool:
    """Whether something is computed on Spark."""
    tables = project.tables.values() if project else ()
    return environment.settings.engine.name == "spark" or any(each.engine == "spark" for each in tables)


def spark(environment: Environment, project: Project | None) -> Subject:
    """The checks of Spark; the session that they start is closed by the last one."""
    settings = environment.spark()
    urls = {layer: environment.layer_url(layer) for layer in LayersSection.model_fields}
    tables = {key: project.url(key) for key in project.tables} if project else {}
    checks = [Check("settings", lambda: _settings(settings))]
    needs: tuple[str, ...] = ()
    if settings.remote is None:
        checks.append(Check("Java", _java, timeout=30))
        needs = ("Java",)
    if settings.wants_jars:
        checks.append(Check("jars", _jars))
        needs = (*needs, "jars")
    checks += [
        Check("session", lambda: _session(settings), needs, _START),
        Check("layers", lambda: _layers(settings, urls, tables), ("session",), _LOOK),
    ]
    return Subject("Spark", tuple(checks))


def _settings(settings: Settings) -> Iterator[Said]:
    where = settings.where if settings.remote is None else "a Spark Connect server"
    yield Said("ok", f"preset {settings.preset}, on {where}")
    for key, value in sorted(settings.shown().items()):
        yield Said("ok", f"{key} = {value}")


def _java() -> Said:
    program = java()
    found = version(program)
    if found is None or found < MINIMUM:
        return Said("failed", f"{program} is Java {found or '?'}, and Spark needs {MINIMUM} or later", HOW_TO)
    if found not in PROVEN:
        return Said("warning", f"{program} is Java {found}; Spark 4.2 is proven on 17 and 21", HOW_TO)
    return Said("ok", f"Java {found}: {program}")


def _jars() -> Said:
    folder = folder_in(default_home())
    if wrong := missing(folder):
        raise not_there(folder, wrong)
    return Said("ok", f"{len(expected())} in {folder}")


def _session(settings: Settings) -> Said:
    from odibi_dagster.spark import session

    found = session.session(settings)
    return Said("ok", f"Spark {found.version} answers")


def _layers(settings: Settings, urls: dict[str, str], tables: dict[str, str]) -> Iterator[Said]:
    """Lists each layer, and reads of one of its tables, as Spark does it; then the session is closed."""
    from odibi_dagster.spark import session

    try:
        found = session.session(settings)
        for layer, url in urls.items():
            own = {key: place for key, place in tables.items() if key.startswith(f"{layer}.")}
            yield _layer(found, layer, url, own)
    finally:
        session.close()


def _layer(spark: SparkSession, layer: str, url: str, tables: dict[str, str]) -> Said:
    from odibi_dagster.engines.spark.failures import explained
    from odibi_dagster.lake.log import open_log

    with explained(f"Spark does not reach the layer {layer}", table=layer, url=url):
        listed = _listed(spark, location_of(url).for_spark())
        for key, place in tables.items():
            if open_log(key, place) is None:
                continue
            rows = spark.read.format("delta").load(location_of(place).for_spark()).limit(1).count()
            return Said("ok", f"{layer}: {listed}{key} is read, {'with' if rows else 'without'} rows")
    return Said("ok", f"{layer}: {listed}no table is published here yet")


def _listed(spark: SparkSession, url: str) -> str:
    """How many entries the folder has; over Connect nobody can be asked without reading them."""
    jvm = getattr(spark, "_jvm", None)
    if jvm is None:
        return ""
    path = jvm.org.apache.hadoop.fs.Path(url)
    files = path.getFileSystem(spark._jsparkSession.sessionState().newHadoopConf())
    try:
        count = len(files.listStatus(path)) if files.exists(path) else 0
    finally:
        if files.getConf().getBoolean(f"fs.{files.getScheme()}.impl.disable.cache", False):
            files.close()
    return f"{count} entries, "
