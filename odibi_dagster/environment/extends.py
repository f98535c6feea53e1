"""An environment file on top of another one: `extends:`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from odibi_dagster.errors import ConfigError, ConfigErrors, Where
from odibi_dagster.tables.document import Document, parse_document
from odibi_dagster.tables.problems import Problems


def read_chain(path: Path, find: Callable[[str, Path], Path]) -> list[tuple[Path, Document]]:
    """An environment file and those that it extends, itself first; references are left as they are written.

    Args:
        path: the file that was asked for.
        find: the file that `extends:` means, written in a file of the folder given.

    Raises:
        ConfigErrors: a file cannot be read, is no YAML, or extends itself in the end.
        ConfigError: `find` finds no file.
    """
    found: dict[Path, Document] = {}
    while True:
        found[path] = document = _read(path)
        wanted = document.data.get("extends")
        if not isinstance(wanted, str):  # anything else is refused with the other keys
            return list(found.items())
        before, path = path, find(wanted, path.parent)
        if path in found:
            raise ConfigErrors(
                [
                    ConfigError(
                        f"{before.name} extends itself.",
                        where=Where(file=str(before), line=document.line(("extends",))),
                        why=" extends ".join(each.name for each in [*found, path]),
                        remedy="Let one of them stand alone.",
                    )
                ]
            )


def merge_chain(chain: list[tuple[Path, Document]]) -> Document:
    """What all files say together; the first has the last word."""
    (_, together), *others = chain
    for path, document in others:
        together = merged(document, together, str(path))
    return together


def merged(base: Document, top: Document, base_file: str) -> Document:
    """The document that says what `top` says, and what `base` says besides; mappings are merged key by key.

    Args:
        base: the file that is extended.
        top: the file that extends it.
        base_file: the base's name, for problems with what comes from it.
    """
    data, kept = _merge(base.data, top.data), list(_only_in(base.data, top.data, ()))

    def of_base(path: tuple[str | int, ...]) -> bool:
        return any(path[: len(each)] == each for each in kept)

    lines = {path: line for path, line in base.lines.items() if of_base(path)}
    files = {path: base.files.get(path, base_file) for path in lines}
    return Document(data, {**lines, **top.lines}, {**files, **top.files})


def _merge(base: Mapping[str, Any], top: Mapping[str, Any]) -> dict[str, object]:
    both = {
        key: _merge(base[key], value)
        if isinstance(value, dict) and isinstance(base.get(key), dict)
        else value
        for key, value in top.items()
    }
    return {**base, **both}


def _only_in(
    base: Mapping[str, Any], top: Mapping[str, Any], path: tuple[str, ...]
) -> Iterator[tuple[str, ...]]:
    for key, value in base.items():
        if key not in top:
            yield (*path, key)
        elif isinstance(value, dict) and isinstance(top[key], dict):
            yield from _only_in(value, top[key], (*path, key))


def _read(path: Path) -> Document:
    problems = Problems(str(path))
    try:
        document = parse_document(path.read_text(encoding="utf-8"), first_line=1, problems=problems)
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(
            "The environment file cannot be read.", where=Where(file=str(path)), why=str(error)
        ) from error
    if document is None or problems.errors:
        raise ConfigErrors(problems.errors)
    return document
