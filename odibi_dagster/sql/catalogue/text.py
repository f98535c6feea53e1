"""What functions of text share: which arguments are text, and how others turn into it."""

from __future__ import annotations

from odibi_dagster.sql import coerce
from odibi_dagster.sql.types import BIGINT, BOOLEAN, DATE, INT, INTEGRAL, STRING, VOID, Decimal

from .casts import convert
from .entry import Call


def texts(call: Call, *, positions: tuple[int, ...] | None = None) -> list[str]:
    """The arguments as text; numbers (not doubles) and dates turn into text as CAST would do it.

    Raises:
        Refusal: an argument cannot be text.
    """
    result = []
    for at, arg in enumerate(call.args):
        if positions is not None and at not in positions:
            continue
        if arg.type in (STRING, VOID):
            result.append(coerce.to(arg, STRING))
        elif arg.type in INTEGRAL or isinstance(arg.type, Decimal) or arg.type in (DATE, BOOLEAN):
            result.append(convert(arg, STRING, forgiving=False))
        else:
            raise call.refuse(f"CAST {arg.name} to STRING.")
    return result


def only_text(call: Call, *positions: int) -> None:
    """See that arguments are text.

    Raises:
        Refusal: one is not.
    """
    for at in positions:
        if at < len(call.args) and call.args[at].type not in (STRING, VOID):
            raise call.refuse(f"CAST {call.args[at].name} to STRING.")


def strings(call: Call, *positions: int) -> list[str]:
    """The arguments at some positions, which have to be text already."""
    only_text(call, *positions)
    return texts(call, positions=positions)


def integer(call: Call, at: int) -> str:
    """An argument as an INT.

    Raises:
        Refusal: it is not an integer, or a BIGINT.
    """
    arg = call.args[at]
    if arg.type != VOID and (arg.type not in INTEGRAL or arg.type == BIGINT):
        raise call.refuse(f"{arg.name} is {arg.type}: CAST it to INT.")
    return coerce.to(arg, INT)
