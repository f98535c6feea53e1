"""Java for Spark: this machine's, or Debian's, which is installed where that may be done."""

from __future__ import annotations

import os
import shutil

from odibi_dagster.errors import StorageError
from odibi_dagster.spark.java import java
from odibi_dagster_tests.services.installed import NotInstalled, call, once

HOW_TO = """The tests on Spark need a Java runtime, 17 or 21.
  Debian, Ubuntu:  sudo apt-get install openjdk-17-jre-headless
  macOS:           brew install openjdk@17, and set JAVA_HOME
As root, where apt-get is, the tests install Debian's package by themselves."""


def installed_java() -> str:
    """The program `java`.

    Raises:
        NotInstalled: it is not there and cannot be installed.
    """
    try:
        return java()
    except StorageError as error:
        if os.geteuid() != 0 or not shutil.which("apt-get"):
            raise NotInstalled(f"{error}\n{HOW_TO}") from error
    with once("java"):
        if not shutil.which("java"):
            call(["apt-get", "-qq", "update"], HOW_TO)
            command = ["apt-get", "-qq", "install", "--yes", "--no-install-recommends"]
            call([*command, "openjdk-17-jre-headless"], HOW_TO)
    return java()
