"""The Python function of a table, imported when it runs."""

from __future__ import annotations

import importlib.util
import sys
import traceback
from collections.abc import Callable
from pathlib import Path

from odibi_dagster.errors import ConfigError, Where
from odibi_dagster.tables.spec import FunctionBody, TableSpec


def load_function(spec: TableSpec) -> Callable[..., object]:
    """Import the table's file and return its function.

    The file is executed afresh on each call, as a module of its own name, so that files with equal stems in
    two layers do not meet.

    Args:
        spec: a table whose body is a FunctionBody.

    Raises:
        ConfigError: the file does not import, or its function is gone; with the file and line.
        TypeError: the table has no function.
    """
    body = spec.body
    if not isinstance(body, FunctionBody):
        raise TypeError(f"{spec.key} is no table of a Python function")
    name = f"odibi_table_{spec.layer}_{spec.name}"
    found = importlib.util.spec_from_file_location(name, body.file)
    assert found is not None and found.loader is not None  # the name ends in .py
    module = importlib.util.module_from_spec(found)
    sys.modules[name] = module  # dataclasses and pickle look their module up there
    try:
        found.loader.exec_module(module)
    except Exception as error:
        del sys.modules[name]
        raise ConfigError(
            "The table's file cannot be imported.",
            where=Where(spec.key, str(body.file), _line(error, body.file)),
            why=f"{type(error).__name__}: {error}",
            remedy=_remedy(error),
        ) from error
    function = getattr(module, body.name, None)
    if not callable(function):
        raise ConfigError(
            f"The file defines no function `{body.name}`.",
            where=Where(spec.key, str(body.file)),
            why="It changed after the definitions were loaded, or gives the name to something else.",
            remedy=f"Define {body.name}, and reload the definitions.",
        )
    return function  # type: ignore[no-any-return]


def _line(error: Exception, file: Path) -> int | None:
    if isinstance(error, SyntaxError) and error.filename == str(file):
        return error.lineno
    frames = traceback.extract_tb(error.__traceback__)
    return next((frame.lineno for frame in reversed(frames) if frame.filename == str(file)), None)


def _remedy(error: Exception) -> str:
    if isinstance(error, ModuleNotFoundError) and error.name:
        return f"Install the package that brings `{error.name}`, or remove the import."
    return "Mend the file; a table's file must import without running anything else."
