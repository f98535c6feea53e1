"""The second jail: the connection itself refuses every file but the step's own."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import Any

from odibi_dagster.engines.pandas import quote


def close(connection: Any, *, files: Iterable[str], folder: str) -> None:
    """Shuts the connection in: it reads exactly `files`, writes only below `folder`, and stays so.

    The first jail is `odibi_dagster.sql`, which lets only known functions and inputs through; this one holds
    alone. Links are resolved before they are compared, so a link outside of `files` opens nothing.

    Args:
        connection: a DuckDB connection; every setting must have been made.
        files: absolute paths of the inputs' files.
        folder: absolute path of the folder for staged files; it need not exist yet.
    """
    home = os.path.realpath(folder)
    # The folder's own name is no path below it, so it has to be allowed as such.
    exact = sorted({home, *(os.path.realpath(path) for path in files)})
    connection.execute(f"SET allowed_paths = {quote.texts(exact)}")
    connection.execute(f"SET allowed_directories = {quote.texts([home])}")
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")
