"""`secrets: package.module:name`: what answers the plain names of an environment."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import cast

from odibi_dagster.errors import ConfigError
from odibi_dagster.storage.secrets.sources import Named
from odibi_dagster.tables.nearest import did_you_mean


def import_named(path: str) -> Named:
    """The mapping or function at an import path; its module is imported, a function is not called.

    Args:
        path: "package.module:name".

    Raises:
        ConfigError: it cannot be imported, or is neither a mapping nor a function.
    """
    module_name, _, name = path.partition(":")
    try:
        module = importlib.import_module(module_name)
    except Exception as error:
        raise ConfigError(
            f"secrets: `{path}` cannot be imported.",
            why=f"{type(error).__name__}: {error}",
            remedy="Correct the path, or install the package where runs execute and where definitions load.",
        ) from error
    found = getattr(module, name, None)
    if found is None:
        public = [each for each in vars(module) if not each.startswith("_")]
        raise ConfigError(
            f"secrets: the module {module_name} has no `{name}`.", remedy=did_you_mean(name, public)
        )
    if not isinstance(found, Mapping) and not callable(found):
        raise ConfigError(
            f"secrets: `{path}` is {type(found).__name__}.",
            remedy="Name a mapping of names to values, or a function that is called with a name.",
        )
    return cast(Named, found)
