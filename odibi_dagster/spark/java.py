"""The Java that Spark runs on."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Mapping, Sequence

from odibi_dagster.errors import StorageError, Where

#: The first version that Spark 4.2's classes are made for, and those that are proven.
MINIMUM, PROVEN = 17, (17, 21)
HOW_TO = (
    "Install a Java 17 or 21 runtime (Debian: `apt-get install openjdk-17-jre-headless`), or set JAVA_HOME."
)
_LINES = 8
_VERSION = re.compile(r'version "(\d+)')


def java(variables: Mapping[str, str] | None = None) -> str:
    """The program that Spark starts: JAVA_HOME's, else the one on the PATH.

    Raises:
        StorageError: there is none.
    """
    variables = os.environ if variables is None else variables
    if home := variables.get("JAVA_HOME"):
        path = os.path.join(home, "bin", "java")
        if not os.access(path, os.X_OK):
            raise StorageError("JAVA_HOME holds no Java.", where=Where(file=path), remedy=HOW_TO)
        return path
    found = shutil.which("java", path=variables.get("PATH"))
    if found is None:
        raise StorageError("There is no Java on this machine, and Spark needs one.", remedy=HOW_TO)
    return found


def version(program: str) -> int | None:
    """The major version of a Java program; None if it does not say."""
    done = subprocess.run([program, "-version"], capture_output=True, text=True, timeout=30)
    match = _VERSION.search(done.stderr)
    return int(match[1]) if match else None


def _said(output: str) -> list[str]:
    """The lines that say something."""
    lines = (line.strip(" \t:") for line in output.splitlines())
    return [line for line in lines if any(map(str.isalnum, line))]


def call(command: Sequence[str], what: str) -> None:
    """Runs a program to its end.

    Raises:
        StorageError: it is not there, or failed; with the end of what it said.
    """
    try:
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    except OSError as error:
        raise StorageError(what, why=str(error), remedy="Install the program.") from error
    if done.returncode:
        raise StorageError(
            what,
            why="; ".join(_said(done.stdout)[-_LINES:]),
            remedy="See that this machine reaches Maven Central or a mirror of it, and try again.",
        )
