"""Globs over object paths, as one regular expression that Python and DuckDB read alike."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from odibi_dagster.errors import ConfigError

_SPECIAL = frozenset("*?[")
_MOST_ALTERNATIVES = 1000


@dataclass(frozen=True)
class Glob:
    """A compiled glob.

    Args:
        text: as it was written.
        regex: matches a whole relative path; in the common subset of Python's `re` and RE2.
        prefixes: the folders to list, as few and as deep as the glob allows; "" is the root. None of them
            lies in another.
    """

    text: str
    regex: str
    prefixes: tuple[str, ...]

    def matches(self, path: str) -> bool:
        """Whether a path, relative and '/'-separated, is meant."""
        return re.fullmatch(self.regex, path, re.DOTALL) is not None


@lru_cache(maxsize=1024)
def compile_glob(text: str) -> Glob:
    """Read a glob: `*` and `?` stay in one folder, `**` is any number of folders, `[a-z]`, `[!a]`, `{a,b}`.

    A special character is meant literally inside brackets: `[*]`.

    Args:
        text: relative to the landing URL, '/'-separated, such as "raw/orders/**/*.csv".

    Raises:
        ConfigError: the glob cannot match any file: it is empty, absolute, ends in '/', climbs with '..',
            or has a bracket or brace that is not closed.
    """
    patterns = _alternatives(text, text)
    for pattern in patterns:
        _check_steps(text, pattern)
    regex = "|".join(dict.fromkeys(_regex(text, pattern) for pattern in patterns))
    return Glob(text, f"(?:{regex})", _outermost([_literal_folder(pattern) for pattern in patterns]))


def _refuse(text: str, why: str, remedy: str) -> ConfigError:
    return ConfigError(f"{text!r} is not a glob that files can match.", why=why, remedy=remedy)


def _alternatives(text: str, pattern: str) -> list[str]:
    """The pattern without braces, once for each choice; braces may be nested."""
    start = _outside_brackets(text, pattern, "{")
    if start is None:
        if _outside_brackets(text, pattern, "}") is not None:
            raise _refuse(text, "a '}' has no '{'", "Write [}] for a brace in a name.")
        return [pattern]
    depth, pieces, begin = 0, [], start + 1
    for index in range(start, len(pattern)):
        char = pattern[index]
        if char == "{":
            depth += 1
        elif char == "}":
            depth -= 1
        if (char == "," and depth == 1) or depth == 0:
            pieces.append(pattern[begin:index])
            begin = index + 1
        if depth == 0:
            break
    else:
        raise _refuse(text, "a '{' is not closed", "Close it, or write [{] for a brace in a name.")
    results: list[str] = []
    for piece in pieces:
        results += _alternatives(text, pattern[:start] + piece + pattern[begin:])
        if len(results) > _MOST_ALTERNATIVES:
            raise _refuse(text, f"its braces mean more than {_MOST_ALTERNATIVES} patterns", "Use '*'.")
    return results


def _outside_brackets(text: str, pattern: str, wanted: str) -> int | None:
    index = 0
    while index < len(pattern):
        if pattern[index] == wanted:
            return index
        index = _end_of_class(text, pattern, index) if pattern[index] == "[" else index + 1
    return None


def _end_of_class(text: str, pattern: str, start: int) -> int:
    """The index after the class that begins at `start`; a ']' that comes first is a member."""
    index = start + 1
    if pattern[index : index + 1] in ("!", "^"):
        index += 1
    end = pattern.find("]", index + 1)
    if end < 0:
        raise _refuse(text, "a '[' is not closed", "Close it, or write [[] for a bracket in a name.")
    return end + 1


def _check_steps(text: str, pattern: str) -> None:
    steps = pattern.split("/")
    if not pattern or pattern.startswith("/") or "" in steps or "." in steps or ".." in steps:
        why = "it is empty" if not pattern else "it is absolute, or has an empty, '.' or '..' step"
        raise _refuse(
            text, why, "Write a path below the landing URL that ends in a file name: raw/orders/*.csv."
        )
    if any("**" in step and step != "**" for step in steps):
        raise _refuse(text, "'**' stands for whole folders", "Write '*' inside a name, '**/' for folders.")


def _regex(text: str, pattern: str) -> str:
    steps = pattern.split("/")
    parts: list[str] = []
    for position, step in enumerate(steps):
        last = position == len(steps) - 1
        if step == "**":
            parts.append("(?:[^/]+/)*" + ("[^/]+" if last else ""))
        else:
            parts.append(_step_regex(text, step) + ("" if last else "/"))
    return "".join(parts)


def _step_regex(text: str, step: str) -> str:
    parts, index = [], 0
    while index < len(step):
        char = step[index]
        if char == "[":
            end = _end_of_class(text, step, index)
            parts.append(_class_regex(text, step[index + 1 : end - 1]))
            index = end
            continue
        parts.append("[^/]*" if char == "*" else "[^/]" if char == "?" else re.escape(char))
        index += 1
    return "".join(parts)


def _class_regex(text: str, members: str) -> str:
    negated = members[:1] in ("!", "^")
    members = members[1:] if negated else members
    parts, index = [], 0
    while index < len(members):
        first = last = members[index]
        if members[index + 1 : index + 2] == "-" and index + 2 < len(members):
            last = members[index + 2]
            index += 2
        index += 1
        if first > last:
            raise _refuse(text, f"the range {first}-{last} is empty", "Write the smaller character first.")
        if not negated and first <= "/" <= last:
            raise _refuse(text, f"the range {first}-{last} holds '/'", "Name the characters one by one.")
        parts.append(re.escape(first) + ("" if first == last else "-" + re.escape(last)))
    return f"[^/{''.join(parts)}]" if negated else f"[{''.join(parts)}]"


def _literal_folder(pattern: str) -> str:
    """The folders before the first step with a special character; never the last step, which is a file."""
    literal: list[str] = []
    for step in pattern.split("/")[:-1]:
        if _SPECIAL & set(step):
            break
        literal.append(step)
    return "/".join(literal)


def _outermost(folders: list[str]) -> tuple[str, ...]:
    kept: list[str] = []
    for folder in sorted(set(folders)):
        if not any(outer == "" or folder.startswith(f"{outer}/") for outer in kept):
            kept.append(folder)
    return tuple(kept)
