"""A table's SQL as Spark gets it: the user's own text, with its inputs, instant and parameters put in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from odibi_dagster.engines.spark import quote

if TYPE_CHECKING:
    from odibi_dagster.sql.query import Query

#: Functions of the current time, as Spark has them, called with nothing in their brackets.
_CALLED = ("now", "current_timestamp", "current_date", "curdate", "localtimestamp", "unix_timestamp")
#: And those that may stand without brackets.
_BARE = ("current_timestamp", "current_date", "localtimestamp")


def bound(query: Query, views: Mapping[str, str], now: datetime, parameters: Mapping[str, object]) -> str:
    """The text in which inputs are views, parameters values and the current time one instant.

    All else is as written.

    Only whole tokens are replaced, found by the parser that checked the text; comments and texts stay.

    Args:
        query: the checked query.
        views: the view of each of the query's inputs.
        now: the aware instant that CURRENT_TIMESTAMP() means.
        parameters: values of `:partition_key` (a string), `:partition_start`, `:partition_end` (aware
            instants, or ISO texts).

    Raises:
        SqlError: a parameter has no value.
    """
    text = query.text
    spans = [*_tables(query, views), *_instants(text, now)]
    if query.parameters:  # not by `spark.sql(args=…)`: under Delta's parser (4.4.0) it knows of none
        spans += _parameters(query, parameters)
    spans.sort(reverse=True)
    for start, end, replacement in spans:
        text = text[:start] + replacement + text[end:]
    return text.rstrip().rstrip(";")


def _tables(query: Query, views: Mapping[str, str]) -> Iterator[tuple[int, int, str]]:
    from sqlglot import exp

    from odibi_dagster.sql.dialect import parse, tokenize

    (tree,) = (one for one in parse(tokenize(query.text), query.text) if isinstance(one, exp.Query))
    for node in tree.find_all(exp.Table):
        if not node.db:
            continue
        start, end = node.args["db"].meta["start"], node.this.meta["end"] + 1
        view = quote.name(views[f"{node.db}.{node.name}".lower()])
        # Columns may be qualified by the table's name.
        plain = not (node.alias or node.args.get("alias") or node.args.get("sample"))
        yield start, end, f"{view} AS {quote.name(node.name)}" if plain else view


def _instants(text: str, now: datetime) -> Iterator[tuple[int, int, str]]:
    from sqlglot.tokenizer_core import TokenType

    from odibi_dagster.sql.dialect import tokenize

    tokens = tokenize(text)
    for at, token in enumerate(tokens):
        name = token.text.lower()
        if name not in _CALLED or text[token.start] == "`" or token.token_type == TokenType.STRING:
            continue
        before = tokens[at - 1].token_type if at else None
        after = [one.token_type for one in tokens[at + 1 : at + 3]]
        if before in (TokenType.DOT, TokenType.ALIAS) or after[:1] == [TokenType.DOT]:
            continue
        if after == [TokenType.L_PAREN, TokenType.R_PAREN]:
            yield token.start, tokens[at + 2].end + 1, _literal(name, now)
        elif name in _BARE and after[:1] != [TokenType.L_PAREN]:
            yield token.start, token.end + 1, _literal(name, now)


def _parameters(query: Query, values: Mapping[str, object]) -> Iterator[tuple[int, int, str]]:
    from sqlglot.tokenizer_core import TokenType

    from odibi_dagster.sql.dialect import tokenize

    tokens = tokenize(query.text)
    # Behind these a colon takes a field out of a VARIANT.
    owners = (TokenType.VAR, TokenType.IDENTIFIER, TokenType.R_PAREN, TokenType.R_BRACKET)
    for before, colon, token in zip([None, *tokens], tokens, tokens[1:], strict=False):
        if colon.token_type != TokenType.COLON or token.text not in query.parameters:
            continue
        if before is None or before.token_type not in owners:
            yield colon.start, token.end + 1, _value(query, token.text, values.get(token.text))


def _value(query: Query, name: str, value: object) -> str:
    if name == "partition_key" and isinstance(value, str):
        return quote.text(value)
    if name != "partition_key" and isinstance(value, str):
        return f"CAST({quote.text(value)} AS TIMESTAMP)"
    if name != "partition_key" and isinstance(value, datetime) and value.tzinfo:
        return _literal("", value)
    raise query.problems().error(
        None,
        f"The parameter :{name} has no value.",
        remedy="Run the table with a partition: it has `partitions`.",
    )


def _literal(name: str, now: datetime) -> str:
    utc = now.astimezone(UTC)
    if name in ("current_date", "curdate"):
        return f"DATE '{utc:%Y-%m-%d}'"
    if name == "unix_timestamp":
        return f"{int(utc.timestamp())}L"
    instant = utc.replace(tzinfo=None).isoformat(sep=" ")
    return f"TIMESTAMP_NTZ '{instant}'" if name == "localtimestamp" else f"TIMESTAMP '{instant}+00:00'"
