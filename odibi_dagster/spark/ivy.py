"""The jars by the Ivy that pyspark brings: Java is all it needs."""

from __future__ import annotations

import os
import tempfile
from importlib.util import find_spec
from pathlib import Path
from xml.sax.saxutils import quoteattr

from odibi_dagster.errors import ConfigError
from odibi_dagster.spark.jars import Jar, expected
from odibi_dagster.spark.java import call, java

#: Spark's own variable for a mirror of Maven Central.
MIRROR = "DEFAULT_ARTIFACT_REPOSITORY"
_CENTRAL = "https://repo1.maven.org/maven2/"


def fetch(folder: Path) -> None:
    """Downloads each jar by its coordinates, from Maven Central or from the mirror that MIRROR names.

    Raises:
        ConfigError: pyspark has no Ivy.
        StorageError: Java is not there, or Ivy fails; with what it said.
    """
    with tempfile.TemporaryDirectory() as scratch:
        home = Path(scratch)
        (home / "settings.xml").write_text(_settings(os.environ.get(MIRROR) or _CENTRAL), encoding="utf-8")
        (home / "ivy.xml").write_text(_module(), encoding="utf-8")
        command = [java(), "-jar", str(_program()), "-settings", str(home / "settings.xml")]
        command += ["-ivy", str(home / "ivy.xml"), "-cache", str(home / "cache"), "-warn"]
        command += ["-retrieve", f"{folder}/[artifact]-[revision].[ext]"]
        call(command, "Ivy could not fetch Spark's jars.")


def _program() -> Path:
    package = find_spec("pyspark")
    found = (
        sorted(Path(package.origin).with_name("jars").glob("ivy-*.jar")) if package and package.origin else []
    )
    if not found:
        raise ConfigError(
            "pyspark brings no Ivy.", remedy="Install Maven, or pyspark as this package's requirements say."
        )
    return found[0]


def _settings(root: str) -> str:
    return f"""<ivysettings>
  <settings defaultResolver="central"/>
  <resolvers>
    <ibiblio name="central" root={quoteattr(root)}
             m2compatible="true" usepoms="false" useMavenMetadata="false"/>
  </resolvers>
</ivysettings>
"""


def _module() -> str:
    lines = "\n".join(f"    {_dependency(jar)}" for jar in expected())
    return f"""<ivy-module version="2.0">
  <info organisation="odibi" module="spark-jars"/>
  <configurations><conf name="default"/></configurations>
  <dependencies>
{lines}
  </dependencies>
</ivy-module>
"""


def _dependency(jar: Jar) -> str:
    """By its coordinates alone: the list has everything that the jars need of each other."""
    named = f"org={quoteattr(jar.group)} name={quoteattr(jar.artifact)} rev={quoteattr(jar.version)}"
    return (
        f'<dependency {named} transitive="false" conf="default->*">'
        f'<artifact name={quoteattr(jar.artifact)} type="jar" ext="jar"/></dependency>'
    )
