"""The text at the top of a SQL or Python file: a header, or prose that describes the table."""

from __future__ import annotations

import inspect
import re
from collections.abc import Mapping

import yaml

from odibi_dagster.sql.nearest import nearest
from odibi_dagster.storage.secrets import Sources
from odibi_dagster.tables.document import LOADER, Document, read_document
from odibi_dagster.tables.header import TableHeader
from odibi_dagster.tables.problems import Problems

_KEYS = (*TableHeader.model_fields, "key")
_KEY_LINE = re.compile(rf"^[ \t]*(?:{'|'.join(_KEYS)})[ \t]*:", re.MULTILINE)
_WORD = re.compile(r"[a-z][a-z_]*")


def is_header(text: str) -> bool:
    """Whether a comment is meant as a header: a line begins with a known key, or one like it."""
    if _KEY_LINE.search(text):
        return True
    if ":" not in text:
        return False
    try:
        node = yaml.compose(text, Loader=LOADER)
    except yaml.YAMLError:
        return False
    keys = [str(key.value) for key, _ in node.value] if isinstance(node, yaml.MappingNode) else []
    return all(_WORD.fullmatch(key) for key in keys) and any(nearest(key, _KEYS) for key in keys)


def read_comment(
    text: str, *, first_line: int, names: Mapping[str, str] | Sources, problems: Problems
) -> Document | None:
    """The header that a comment holds; prose becomes a header with just a description.

    Returns:
        None when it is a header with a syntax error, which is in `problems` then.
    """
    if is_header(text):
        return read_document(text, first_line=first_line, names=names, problems=problems)
    prose = inspect.cleandoc(text)
    return Document({"description": prose} if prose else {}, {(): first_line})
