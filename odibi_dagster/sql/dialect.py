"""The Spark SQL that is parsed: functions stay calls by name, only our catalogue gives them a meaning."""

from __future__ import annotations

from typing import Any, ClassVar

from sqlglot import exp
from sqlglot.dialects.databricks import Databricks
from sqlglot.parsers.databricks import DatabricksParser
from sqlglot.tokenizer_core import Token

from .worded import WORDED, plain

_KEPT = ("CAST", "TRY_CAST")
# Words with a syntax of their own in other dialects that are functions like any other here.
_PLAIN_CALLS = ("TRANSFORM", "ANY")


class OdibiSpark(Databricks):
    """Databricks' grammar (CAST is strict) without its knowledge of functions."""

    class Tokenizer(Databricks.Tokenizer):
        # In Spark 4 a doubled quote inside of a text is a quote.
        STRING_ESCAPES = ["\\", "'", '"']  # noqa: RUF012

    class Parser(DatabricksParser):
        FUNCTIONS: ClassVar[dict[str, Any]] = {}
        FUNCTION_PARSERS: ClassVar[dict[str, Any]] = {
            **{name: DatabricksParser.FUNCTION_PARSERS[name] for name in _KEPT},
            **WORDED,
        }
        NO_PAREN_FUNCTION_PARSERS: ClassVar[dict[str, Any]] = {
            name: parser
            for name, parser in DatabricksParser.NO_PAREN_FUNCTION_PARSERS.items()
            if name not in _PLAIN_CALLS
        }


_DIALECT = OdibiSpark()


def tokenize(text: str) -> list[Token]:
    """The tokens of a text; comments hang on them and count for nothing."""
    return _DIALECT.tokenize(text)


def parse(stream: list[Token], text: str) -> list[exp.Expr | None]:
    """One tree for each statement."""
    trees = _DIALECT.parser().parse(stream, text)
    return [tree if tree is None else plain(tree) for tree in trees]


def line_of(node: exp.Expr) -> int | None:
    """The line (from 1) where a node begins, as near as the parser recorded it."""
    if "line" in node.meta:
        return _start(node)
    lines = [_start(child) for child in node.walk() if "line" in child.meta]
    if lines:
        return min(lines)
    parent = node.parent
    while parent is not None:
        if "line" in parent.meta:
            return _start(parent)
        parent = parent.parent
    return None


def _start(node: exp.Expr) -> int:
    return int(node.meta["line"])
