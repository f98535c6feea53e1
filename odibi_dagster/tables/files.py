"""The table files of a folder: one for each table, in a folder for each layer."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from odibi_dagster.errors import ConfigError, Where
from odibi_dagster.sql.nearest import nearest
from odibi_dagster.tables.spec import LAYERS, Layer

SUFFIXES = (".sql", ".py", ".yaml")
_NAME = re.compile(r"[a-z][a-z0-9_]*")
_PROSE = (".md", ".txt", ".rst")


@dataclass(frozen=True)
class TableFile:
    """One table's file."""

    layer: Layer
    name: str
    path: Path

    @property
    def key(self) -> str:
        """The table's name in SQL and messages: "layer.name"."""
        return f"{self.layer}.{self.name}"


def find_files(folder: Path) -> tuple[list[TableFile], list[ConfigError]]:
    """The table files below `folder`, sorted, and what is wrong with their names and places.

    Names that begin with `_` or `.`, and texts (.md, .txt, .rst), are no tables; everything else that is no
    table file is an error, so that a misspelt suffix does not make a table disappear.

    Raises:
        ConfigError: there is no such folder, or it has no layer.
    """
    if not folder.is_dir():
        raise ConfigError(
            "The folder of the table files does not exist.",
            where=Where(file=str(folder)),
            remedy="Create it with bronze/, silver/ and gold/, or set ODIBI_TABLES.",
        )
    if not any((folder / layer).is_dir() for layer in LAYERS):
        raise ConfigError(
            f"The folder has none of {', '.join(f'{layer}/' for layer in LAYERS)}.",
            where=Where(file=str(folder)),
            remedy="Put table files into a folder for each layer, or set ODIBI_TABLES.",
        )
    files: list[TableFile] = []
    errors: list[ConfigError] = []
    for entry in sorted(folder.iterdir()):
        if entry.name in LAYERS and entry.is_dir():
            for path in sorted(entry.iterdir()):
                if _ignored(path):
                    continue
                if what := _wrong(path):
                    errors.append(ConfigError(what[0], where=Where(file=str(path)), remedy=what[1]))
                else:
                    layer = next(layer for layer in LAYERS if layer == entry.name)
                    files.append(TableFile(layer, path.stem, path))
        elif not _ignored(entry) and (entry.is_dir() or entry.suffix in SUFFIXES):
            close = nearest(entry.name, LAYERS)
            remedy = (
                f"Did you mean `{close}`?"
                if close and entry.is_dir()
                else "Move it below bronze/, silver/ or gold/."
            )
            what_ = (
                "This folder is no layer."
                if entry.is_dir()
                else "A table file belongs into its layer's folder."
            )
            errors.append(ConfigError(what_, where=Where(file=str(entry)), remedy=remedy))
    return files, errors + _twice(files)


def _ignored(path: Path) -> bool:
    return path.name.startswith(("_", ".")) or path.suffix in _PROSE


def _wrong(path: Path) -> tuple[str, str] | None:
    if path.is_dir():
        return (
            "A layer's folder has no folders.",
            "Move the table files up, or begin the folder's name with _.",
        )
    if path.suffix not in SUFFIXES:
        return (
            f"`{path.suffix or path.name}` is not a kind of table file.",
            "Use .sql, .py or .yaml; a name that begins with _ is left alone.",
        )
    if not _NAME.fullmatch(path.stem):
        return (
            f"`{path.stem}` cannot be a table's name.",
            "Use lower case letters, digits and _, beginning with a letter.",
        )
    return None


def _twice(files: list[TableFile]) -> list[ConfigError]:
    first: dict[str, Path] = {}
    errors = []
    for file in files:
        if file.key in first:
            errors.append(
                ConfigError(
                    f"The table has two files: {first[file.key].name} and {file.path.name}.",
                    where=Where(file.key, str(file.path)),
                    remedy="Keep one of them, or rename one.",
                )
            )
        first.setdefault(file.key, file.path)
    return errors
