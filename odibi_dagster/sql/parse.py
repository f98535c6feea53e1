"""Reading a table's SQL when definitions load: parsed, checked against the catalogue, inputs found."""

from __future__ import annotations

import hashlib
import re

from sqlglot import exp
from sqlglot.errors import ParseError, TokenError
from sqlglot.tokenizer_core import Token, TokenType

from .check import check_tree
from .dialect import parse, tokenize
from .inputs import check_tables
from .problems import Problems
from .query import Query
from .refusal import PYTHON_INSTEAD

_ANSI_COLOURS = re.compile(r"\x1b\[[0-9;]*m")
_ESCAPES = re.compile(r"(?<!\\)(?:\\\\)*(\\[^\\'\"nrtb0])")
_MAX_DEPTH = 200


def parse_query(text: str, *, file: str, first_line: int = 1, table: str) -> Query:
    """The query in a text, checked without any schema and without touching anything but the text.

    It is one statement, a SELECT (with WITH and set operations), over tables `layer.table`; every function,
    operator and clause is in the catalogue.

    Args:
        text: Spark SQL.
        file: the file the text is from, for errors.
        first_line: the line of that file on which the text begins.
        table: the table the text defines, for errors.

    Raises:
        SqlError: one problem, with its line.
        ConfigErrors: several, all of them.
    """
    problems = Problems(file=file, first_line=first_line, table=table)
    tokens, tree, inputs = read(text, problems)
    used = dict.fromkeys(node.name for node in tree.find_all(exp.Placeholder))
    return Query(text, inputs, tuple(sorted(used)), fingerprint(tokens), file, first_line, table)


def read(text: str, problems: Problems) -> tuple[list[Token], exp.Expr, tuple[str, ...]]:
    """The tokens, the checked tree and the inputs of a text; raises everything that is wrong with it."""
    tokens, tree = parse_one(text, problems)
    if not isinstance(tree, exp.Select | exp.SetOperation | exp.Subquery):
        problems.add(
            1, "This is not a SELECT.", remedy="A table's SQL is one SELECT statement and nothing else."
        )
        problems.raise_any()
    check_tree(tree, problems)
    inputs = check_tables(tree, problems)
    problems.raise_any()
    return tokens, tree, inputs


def parse_one(text: str, problems: Problems, *, catalogue: bool = True) -> tuple[list[Token], exp.Expr]:
    """The tokens and the only statement of a text; raises what is wrong with either.

    With `catalogue` words that it refuses are wrong too; without, the text is Spark's own.
    """
    try:
        tokens = tokenize(text)
        if catalogue:
            _check_tokens(text, tokens, problems)
        problems.raise_any()
        trees = [
            tree for tree in parse(tokens, text) if tree is not None and not isinstance(tree, exp.Semicolon)
        ]
    except TokenError as error:
        problems.add(_line_in(str(error)), "The SQL cannot be read.", why=_plain(str(error)))
        problems.raise_any()
        raise
    except ParseError as error:
        for one in error.errors or [{}]:
            why = str(one.get("description") or _plain(str(error)))
            near = str(one.get("highlight") or "")
            problems.add(
                _number(one.get("line")),
                f"The SQL does not parse{f' near {near!r}' if near else ''}.",
                why=why,
                remedy="Look for a missing comma, bracket or keyword there, or for syntax that "
                f"the catalogue does not have. {PYTHON_INSTEAD}",
            )
        problems.raise_any()
        raise
    except RecursionError:
        problems.add(1, "The SQL is nested too deeply.", remedy="Split it with WITH or into several tables.")
        problems.raise_any()
        raise
    if len(trees) != 1:
        what = f"There are {len(trees)} statements." if trees else "There is no SQL."
        problems.add(1, what, remedy="A table's SQL is one SELECT statement and nothing else.")
        problems.raise_any()
    return tokens, trees[0]


#: What may not follow a comma.
_AFTER_A_LIST = frozenset(
    (
        TokenType.FROM,
        TokenType.WHERE,
        TokenType.GROUP_BY,
        TokenType.HAVING,
        TokenType.ORDER_BY,
        TokenType.R_PAREN,
    )
)


def _check_tokens(text: str, tokens: list[Token], problems: Problems) -> None:
    depth, before = 0, None
    for token in tokens:
        kind = token.token_type
        if kind == TokenType.STRING and before == TokenType.DOT:
            problems.add(
                token.line, f"The name '{token.text}' is a text.", remedy="Quote names with `backquotes`."
            )
        if before == TokenType.COMMA and kind in _AFTER_A_LIST:
            # sqlglot lets it pass; Spark does not.
            problems.add(token.line, f"A comma stands before {token.text}.", remedy="Remove the comma.")
        before = kind
        if kind == TokenType.STRING and (bad := _ESCAPES.search(text[token.start : token.end + 1])):
            problems.add(
                token.line,
                f"The escape {bad[1]} in a text is not in the SQL catalogue.",
                remedy=r"Escapes are \\ \' \" \n \r \t.",
            )
        elif kind in (TokenType.VARCHAR, TokenType.CHAR, TokenType.NCHAR, TokenType.NVARCHAR):
            problems.add(
                token.line, f"The type {token.text} is not in the SQL catalogue.", remedy="Use STRING."
            )
        elif kind == TokenType.L_PAREN:
            depth += 1
            if depth == _MAX_DEPTH:
                problems.add(token.line, "The SQL is nested too deeply.", remedy="Split it with WITH.")
        elif kind == TokenType.R_PAREN:
            depth -= 1


def fingerprint(tokens: list[Token]) -> str:
    """Hex; equal for texts that differ in comments and white space only."""
    digest = hashlib.sha256()
    for token in tokens:
        digest.update(f"{token.token_type.name}\0{token.text}\0".encode())
    return digest.hexdigest()[:32]


def _plain(message: str) -> str:
    return _ANSI_COLOURS.sub("", message).strip().splitlines()[0]


def _number(value: object) -> int | None:
    return value if isinstance(value, int) else None


def _line_in(message: str) -> int | None:
    match = re.search(r"[Ll]ine (\d+)", message)
    return int(match[1]) if match else None
