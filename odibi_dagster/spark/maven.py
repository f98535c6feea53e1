"""The jars by Maven, with the settings (mirrors, proxies, credentials) that it has on this machine."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from odibi_dagster.spark.jars import POM
from odibi_dagster.spark.java import call


def fetch(folder: Path) -> None:
    """Copies all jars of `pom.xml` into the folder.

    Raises:
        StorageError: Maven is not there, or fails; with what it said.
    """
    with tempfile.TemporaryDirectory() as scratch:
        # Maven wants to write beside the pom, and the package may be read-only.
        pom = shutil.copy(POM, scratch)
        command = ["mvn", "--batch-mode", "--quiet", "--file", pom, "dependency:copy-dependencies"]
        call([*command, f"-DoutputDirectory={folder}"], "Maven could not fetch Spark's jars.")
