"""One YAML document of a table file: plain values, and the line of each of them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal

import yaml

from odibi_dagster.errors import ConfigError, ConfigErrors
from odibi_dagster.storage.secrets import Secret, Sources, mask
from odibi_dagster.tables.problems import Problems

Path = tuple[str | int, ...]

LOADER: type = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # PyYAML may be built without libyaml
_CORE = "tag:yaml.org,2002:"
_INT = re.compile(r"[-+]?(0|[1-9][0-9]*)")
_DECIMAL = re.compile(r"[-+]?(0|[1-9][0-9]*)\.[0-9]+")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_CONSTANTS = {"true": True, "false": False, "null": None, "~": None, "": None}


@dataclass(frozen=True)
class Document:
    """A mapping read from YAML; `lines` has the line (1-based, in the file) of each key and list item.

    `files` has the file of a line where that is another one than the file that was asked for.
    """

    data: dict[str, object]
    lines: Mapping[Path, int] = field(default_factory=dict)
    files: Mapping[Path, str] = field(default_factory=dict)

    def line(self, path: Path) -> int | None:
        """The line of the value at `path`, or of the nearest value around it."""
        return self.lines.get(self._nearest(path))

    def file(self, path: Path) -> str | None:
        """The file in which `line(path)` is, where that is another one than the file that was asked for."""
        return self.files.get(self._nearest(path))

    def _nearest(self, path: Path) -> Path:
        return next((path[:end] for end in range(len(path), -1, -1) if path[:end] in self.lines), ())


class Unknown(str):
    """What stands where a reference has no answer; that was told, and nothing else is told of the place."""


def read_document(
    text: str, *, first_line: int, names: Mapping[str, str] | Sources, problems: Problems
) -> Document | None:
    """Read a mapping and resolve its references; what is wrong goes to `problems`, with its line.

    Args:
        text: the YAML text.
        first_line: the line of the file on which `text` begins, 1-based.
        names: what `${name}` in a string stands for: variables, or all sources of an environment.
        problems: where problems are noted.

    Returns:
        The document, or None when there is a syntax error, or no mapping. Strings with references are `Text`,
        or `Secret` where a source is asked at use only.
    """
    document = parse_document(text, first_line=first_line, problems=problems)
    sources = names if isinstance(names, Sources) else Sources(names)
    return resolve(document, sources, problems, shown=True) if document else None


def resolve(document: Document, sources: Sources, problems: Problems, *, shown: bool = False) -> Document:
    """The document with the references in its strings resolved, as far as no network is needed.

    What is wrong with a reference is told once, with its first line; a text that holds it is `Unknown`.

    Args:
        document: as `parse_document` returns it.
        sources: who answers.
        problems: where problems are noted.
        shown: whether everybody may see what the document says: then values that the environment uses as
            secrets are refused, because Dagster keeps the texts of definitions as they are.
    """
    data = _Resolver(document, sources, problems, shown).value(document.data, ())
    assert isinstance(data, dict)
    return replace(document, data=data)


@dataclass
class _Resolver:
    document: Document
    sources: Sources
    problems: Problems
    shown: bool
    told: set[str] = field(default_factory=set)

    def value(self, value: object, path: Path) -> object:
        if isinstance(value, dict):
            return {key: self.value(each, (*path, key)) for key, each in value.items()}
        if isinstance(value, list):
            return [self.value(each, (*path, n)) for n, each in enumerate(value)]
        return self.text(value, path) if isinstance(value, str) and "${" in value else value

    def text(self, written: str, path: Path) -> str | Secret:
        try:
            text = self.sources.text(written)
        except ConfigErrors as several:
            return self.unknown(several.errors, path)
        except ConfigError as one:
            return self.unknown([one], path)
        if self.shown and isinstance(text, str) and mask(text) != text:
            what = f"`{written}` holds a secret of the environment."
            why = "What a table file says is shown, and kept in Dagster's records of the definitions."
            return self.unknown([ConfigError(what, why=why, remedy="Leave it out of the table file.")], path)
        return text

    def unknown(self, errors: Sequence[ConfigError], path: Path) -> Unknown:
        line, file = self.document.line(path), self.document.file(path)
        for error in errors:
            if error.what not in self.told:
                self.told.add(error.what)
                self.problems.add(error.what, line=line, file=file, why=error.why, remedy=error.remedy)
        return Unknown()


def parse_document(text: str, *, first_line: int, problems: Problems) -> Document | None:
    """Read a mapping, its references as they are written; what is wrong goes to `problems`, with its line.

    Scalars follow YAML 1.2's core schema and not 1.1, so that country codes (`NO`), versions, times (`12:30`)
    and codes with leading zeros stay the text they are; numbers with a point become Decimal, not float.
    """
    try:
        node = yaml.compose(text, Loader=LOADER)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        reason = getattr(error, "problem", None) or getattr(error, "reason", None) or str(error)
        line = first_line + (mark.line if mark else 0)
        remedy = "Indent with spaces, and quote texts that hold a colon, a hash, a comma or a bracket."
        problems.add("This is not YAML.", line=line, why=str(reason), remedy=remedy)
        return None
    if node is None:
        return Document({}, {(): first_line})
    if not isinstance(node, yaml.MappingNode):
        problems.add(
            "A mapping of keys to values is wanted here.",
            line=first_line + node.start_mark.line,
            remedy="Write one `key: value` a line.",
        )
        return None
    reader = _Reader(first_line, problems)
    data = reader.value(node, ())
    return Document(data, reader.lines) if isinstance(data, dict) else None


class _Reader:
    def __init__(self, first_line: int, problems: Problems) -> None:
        self.first_line, self.problems = first_line, problems
        self.lines: dict[Path, int] = {}
        self.seen: set[int] = set()

    def line(self, node: yaml.Node) -> int:
        return self.first_line + node.start_mark.line

    def value(self, node: yaml.Node, path: Path) -> object:
        self.lines.setdefault(path, self.line(node))
        if isinstance(node, yaml.ScalarNode):
            return self.scalar(node)
        if id(node) in self.seen:
            self.problems.add(
                "YAML anchors and aliases are not supported.",
                line=self.lines[path],
                remedy="Write the value out where it is used.",
            )
            return None
        self.seen.add(id(node))
        if isinstance(node, yaml.SequenceNode):
            return [self.value(item, (*path, index)) for index, item in enumerate(node.value)]
        return self.mapping(node, path)

    def mapping(self, node: yaml.Node, path: Path) -> dict[str, object]:
        data: dict[str, object] = {}
        for key, value in node.value:
            if not isinstance(key, yaml.ScalarNode):
                self.problems.add(
                    "A key must be a single word.",
                    line=self.line(key),
                    remedy="Put values in brackets behind the colon, not before it.",
                )
                continue
            name = str(key.value)  # a key is a name, also when YAML would read `on`, `no` or 2024 into it
            if name in data:
                self.problems.add(
                    f"The key `{name}` is given twice.",
                    line=self.line(key),
                    remedy=f"Keep one of them; the first is in line {self.lines[*path, name]}.",
                )
                continue
            self.lines[*path, name] = self.line(key)
            data[name] = self.value(value, (*path, name))
        return data

    def scalar(self, node: yaml.ScalarNode) -> object:
        text = str(node.value)
        if not node.tag.startswith(_CORE):
            self.problems.add(
                f"The YAML tag `{node.tag}` is not supported.",
                line=self.line(node),
                remedy="Write the value without a tag; quote it if it begins with `!`.",
            )
            return None
        if not node.style and node.tag != _CORE + "str":
            if text.lower() in _CONSTANTS:
                return _CONSTANTS[text.lower()]
            if _INT.fullmatch(text):
                return int(text)
            if _DECIMAL.fullmatch(text):
                return Decimal(text)
            if _DATE.fullmatch(text):
                return self.day(text, node)
        return text

    def day(self, text: str, node: yaml.Node) -> date | None:
        try:
            return date.fromisoformat(text)
        except ValueError as error:
            self.problems.add(
                f"{text} is not a day.",
                line=self.line(node),
                why=str(error),
                remedy="Write an existing day as yyyy-mm-dd, or quote the text.",
            )
            return None
