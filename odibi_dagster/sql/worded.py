"""Functions that Spark's grammar gives words of their own, read as plain calls.

TRIM(BOTH 'x' FROM s), EXTRACT(YEAR FROM d), POSITION('a' IN s), SUBSTRING(s FROM 2 FOR 3),
OVERLAY(s PLACING 'x' FROM 2 FOR 3), TIMESTAMPADD(HOUR, 1, t). The catalogue sees the calls only.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlglot import exp
from sqlglot.tokenizer_core import TokenType

_SIDES = {"BOTH": "trim", "LEADING": "ltrim", "TRAILING": "rtrim"}


def _call(name: str, *args: exp.Expr | None) -> exp.Anonymous:
    return exp.Anonymous(this=name, expressions=[arg for arg in args if arg is not None])


def _list(parser: Any, name: str) -> exp.Anonymous:
    return _call(name, *parser._parse_csv(parser._parse_lambda))


def _word(parser: Any, word: str) -> bool:
    """Whether the next token is a word, which is then taken."""
    current = parser._curr
    if current is None or current.token_type == TokenType.STRING or current.text.upper() != word:
        return False
    parser._advance()
    return True


def _begins_operand(token: Any) -> bool:
    if token is None:
        return False
    return token.token_type in (TokenType.STRING, TokenType.IDENTIFIER) or bool(
        token.text[:1].isalnum() or token.text[:1] in ("_", "(", ":")
    )


def _trim(parser: Any) -> exp.Anonymous:
    current, following = parser._curr, parser._next
    side = current.text.upper() if current is not None else ""
    bare = current is not None and current.token_type in (TokenType.STRING, TokenType.IDENTIFIER)
    if side in _SIDES and not bare and _begins_operand(following):
        parser._advance()
    elif not (side == "FROM" and not bare):
        first = parser._parse_lambda()
        if _word(parser, "FROM"):
            return _call("trim", first, parser._parse_bitwise())
        rest = parser._parse_csv(parser._parse_lambda) if parser._match(TokenType.COMMA) else []
        return _call("trim", first, *rest)
    name = _SIDES.get(side, "trim")
    characters = None if _word(parser, "FROM") else parser._parse_bitwise()
    if characters is not None and not _word(parser, "FROM"):
        parser.raise_error("Expected FROM")
    return _call(name, characters, parser._parse_bitwise())


def _extract(parser: Any) -> exp.Anonymous:
    field = parser._curr
    parser._advance()
    if not _word(parser, "FROM"):
        parser.raise_error("Expected FROM")
    return _call("extract", exp.Literal.string(field.text if field else ""), parser._parse_bitwise())


def _position(parser: Any) -> exp.Anonymous:
    first = parser._parse_bitwise()
    if _word(parser, "IN"):
        return _call("locate", first, parser._parse_bitwise())
    rest = parser._parse_csv(parser._parse_lambda) if parser._match(TokenType.COMMA) else []
    return _call("position", first, *rest)


def _worded(name: str, *words: str) -> Callable[[Any], exp.Anonymous]:
    """A call whose later arguments may stand behind words instead of commas."""

    def parse(parser: Any) -> exp.Anonymous:
        args = [parser._parse_lambda()]
        if parser._match(TokenType.COMMA):
            return _call(name, *args, *parser._parse_csv(parser._parse_lambda))
        for word in words:
            if _word(parser, word):
                args.append(parser._parse_bitwise())
        return _call(name, *args)

    return parse


def _unit(name: str) -> Callable[[Any], exp.Anonymous]:
    """A call of three arguments whose first is a unit of time, written bare."""

    def parse(parser: Any) -> exp.Anonymous:
        call = _list(parser, name)
        args = call.expressions
        if len(args) == 3 and isinstance(args[0], exp.Column) and not args[0].table:
            args[0].replace(exp.Literal.string(args[0].name))
        return call

    return parse


WORDED: dict[str, Callable[[Any], exp.Anonymous]] = {
    "TRIM": _trim,
    "EXTRACT": _extract,
    "POSITION": _position,
    "SUBSTRING": _worded("substring", "FROM", "FOR"),
    "SUBSTR": _worded("substr", "FROM", "FOR"),
    "OVERLAY": _worded("overlay", "PLACING", "FROM", "FOR"),
    **{
        word.upper(): _unit(word)
        for word in ("timestampadd", "timestampdiff", "dateadd", "datediff", "date_add", "date_diff")
    },
}


def plain(tree: exp.Expr) -> exp.Expr:
    """The tree with r'…' as the text it is, and ESCAPE as a part of its LIKE."""
    for raw in list(tree.find_all(exp.RawString)):
        raw.replace(exp.Literal.string(raw.name))
    for escape in list(tree.find_all(exp.Escape)):
        like = escape.this
        if isinstance(like, exp.Like | exp.ILike) and isinstance(escape.expression, exp.Literal):
            like.set("escape", escape.expression)
            escape.replace(like)
    return tree
