"""Text."""

from __future__ import annotations

from sqlglot import exp

from odibi_dagster.sql import coerce
from odibi_dagster.sql.typed import Typed, text
from odibi_dagster.sql.types import BOOLEAN, DATE, INT, INTEGRAL, STRING, VOID, Decimal

from .casts import convert
from .entry import Call, Entry
from .letters import LETTER_MACROS

STRING_MACROS: tuple[str, ...] = (
    # DuckDB prints decimal(3,3) as .500, Spark as 0.500.
    """CREATE OR REPLACE TEMP MACRO spark_plain_text(x) AS
         regexp_replace(CAST(x AS VARCHAR), '^(-?)\\.', '\\10.')""",
    # In ASCII DuckDB's one-argument trim, which is faster, knows no other space; elsewhere it does.
    *(
        f"CREATE OR REPLACE TEMP MACRO spark_{name}(s) AS "
        f"CASE WHEN strlen(s) = length(s) THEN {name}(s) ELSE {name}(s, ' ') END"
        for name in ("trim", "ltrim", "rtrim")
    ),
    *LETTER_MACROS,
)


def _texts(call: Call, *, positions: tuple[int, ...] | None = None) -> list[str]:
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


def _only_text(call: Call, *positions: int) -> None:
    for at in positions:
        if at < len(call.args) and call.args[at].type not in (STRING, VOID):
            raise call.refuse(f"CAST {call.args[at].name} to STRING.")


def trim(call: Call) -> Typed:
    """trim, ltrim, rtrim: spaces only."""
    _only_text(call, 0)
    return call.result(f"spark_{call.name}({_texts(call)[0]})", STRING)


def change_case(call: Call) -> Typed:
    """upper and lower."""
    _only_text(call, 0)
    word = "upper" if call.name in ("upper", "ucase") else "lower"
    return call.result(f"spark_{word}({_texts(call)[0]})", STRING)


def length(call: Call) -> Typed:
    """The number of characters."""
    _only_text(call, 0)
    return call.result(f"CAST(length({_texts(call)[0]}) AS INTEGER)", INT)


def concat(call: Call) -> Typed:
    """concat and `||`: NULL if any part is."""
    parts = " || ".join(_texts(call))
    name = f"concat({', '.join(arg.name for arg in call.args)})"
    return call.result(f"({parts})", STRING, name=name)


def concat_ws(call: Call) -> Typed:
    """concat_ws(separator, …): NULL parts are left out."""
    if not isinstance(call.literal(0), str):
        raise call.refuse("The separator is a literal.")
    parts = _texts(call)
    return call.result(f"concat_ws({', '.join(parts)})", STRING, nullable=False)


def substring(call: Call) -> Typed:
    """substring(s, start[, length]): characters count from 1, from the end if negative; 0 means 1."""
    _only_text(call, 0)
    start, size = call.literal(1), call.literal(2) if len(call.args) > 2 else 2147483647
    if not isinstance(start, int) or not isinstance(size, int):
        raise call.refuse("Start and length are literal integers.")
    value = _texts(call, positions=(0,))[0]
    name = f"{call.name}({call.args[0].name}, {start}, {size})"
    if size <= 0:
        sql = f"CASE WHEN {value} IS NOT NULL THEN '' END"
        return call.result(f"({sql})", STRING, name=name)
    first = max(start, 1) if start >= 0 else start
    arguments = f"{value}, {first}" + (f", {size}" if len(call.args) > 2 else "")
    if start < 0:
        # Counted from the end; what lies before the first character shortens the result.
        begin = f"length({value}) + {start + 1}"
        if len(call.args) > 2:
            stop = f"greatest({begin} + {size}, 1)"
            arguments = f"{value}, greatest({begin}, 1), {stop} - greatest({begin}, 1)"
        else:
            arguments = f"{value}, greatest({begin}, 1)"
    return call.result(f"substring({arguments})", STRING, name=name)


def replace(call: Call) -> Typed:
    """replace(s, search[, replacement])."""
    _only_text(call, 0, 1, 2)
    parts = _texts(call)
    name = None
    if len(parts) == 2:
        parts.append("''")
        name = f"replace({call.args[0].name}, {call.args[1].name}, )"
    return call.result(f"replace({', '.join(parts)})", STRING, name=name)


def pad(call: Call) -> Typed:
    """lpad and rpad to a number of characters; longer text is cut."""
    _only_text(call, 0, 2)
    size = call.literal(1)
    filler = call.literal(2) if len(call.args) > 2 else " "
    if not isinstance(size, int) or not isinstance(filler, str) or filler == "":
        raise call.refuse("The length is a literal integer, the filler a literal text that is not empty.")
    value = _texts(call, positions=(0,))[0]
    name = f"{call.name}({call.args[0].name}, {size}, {filler})"
    return call.result(f"{call.name}({value}, {max(size, 0)}, {text(filler)})", STRING, name=name)


def split_part(call: Call) -> Typed:
    """split_part(s, delimiter, n): parts count from 1, from the end if negative; '' beyond the last."""
    _only_text(call, 0)
    delimiter, number = call.literal(1), call.literal(2)
    if not isinstance(delimiter, str) or delimiter == "" or not isinstance(number, int) or number == 0:
        raise call.refuse(
            "The delimiter is a literal text that is not empty, the part a literal integer, not 0."
        )
    value = _texts(call, positions=(0,))[0]
    return call.result(f"split_part({value}, {text(delimiter)}, {number})", STRING)


def contains(call: Call) -> Typed:
    """contains, startswith, endswith."""
    _only_text(call, 0, 1)
    word = {"contains": "contains", "startswith": "starts_with", "endswith": "ends_with"}[call.name]
    return call.result(f"{word}({', '.join(_texts(call))})", BOOLEAN)


_T = "text"
_CONVERTED = "text; integers, decimals, booleans and dates turn into text"

TITLE = "Text"
ENTRIES = (
    Entry("trim", _T, "string", trim, limits="spaces only; no BOTH/LEADING/TRAILING"),
    Entry("ltrim", _T, "string", trim, limits="one argument"),
    Entry("rtrim", _T, "string", trim, limits="one argument"),
    Entry(
        "upper",
        _T,
        "string",
        change_case,
        aliases=("ucase",),
        limits="letters newer than Unicode 15 stay as they are",
    ),
    Entry(
        "lower",
        _T,
        "string",
        change_case,
        aliases=("lcase",),
        limits="letters newer than Unicode 15 stay as they are",
    ),
    Entry("length", _T, "int", length, aliases=("char_length", "character_length", "len")),
    Entry("concat", _CONVERTED, "string", concat, (1, None)),
    Entry("||", _CONVERTED, "string", concat, (2, 2), node=exp.DPipe),
    Entry("concat_ws", f"literal separator, {_CONVERTED}", "string", concat_ws, (2, None), literals=(0,)),
    Entry(
        "substring",
        f"{_T}, literal start[, literal length]",
        "string",
        substring,
        (2, 3),
        literals=(1, 2),
        aliases=("substr",),
    ),
    Entry("replace", "text, text[, text]", "string", replace, (2, 3)),
    Entry("lpad", f"{_T}, literal length[, literal filler]", "string", pad, (2, 3), literals=(1, 2)),
    Entry("rpad", f"{_T}, literal length[, literal filler]", "string", pad, (2, 3), literals=(1, 2)),
    Entry(
        "split_part",
        f"{_T}, literal delimiter, literal number",
        "string",
        split_part,
        (3, 3),
        literals=(1, 2),
    ),
    Entry("contains", "text, text", "boolean", contains, (2, 2)),
    Entry("startswith", "text, text", "boolean", contains, (2, 2)),
    Entry("endswith", "text, text", "boolean", contains, (2, 2)),
)
