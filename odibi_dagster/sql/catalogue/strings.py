"""Text."""

from __future__ import annotations

from sqlglot import exp

from odibi_dagster.sql.typed import Typed, text
from odibi_dagster.sql.types import BINARY, BOOLEAN, INT, STRING, Array

from .array_sets import concat as joined_arrays
from .entry import Call, Entry
from .letters import LETTER_MACROS
from .text import integer, only_text, strings, texts

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
    # From character p (from 1 on; from the end if negative), n characters; what lies before the first
    # character shortens the result.
    """CREATE OR REPLACE TEMP MACRO spark_first(s, p) AS
         CASE WHEN p > 0 THEN CAST(p AS BIGINT) WHEN p < 0 THEN length(s) + p + 1 WHEN p = 0 THEN 1 END""",
    """CREATE OR REPLACE TEMP MACRO spark_substring(s, p, n) AS
         substring(s, CASE WHEN spark_first(s, p) < 1 THEN 1 ELSE spark_first(s, p) END,
                   CASE WHEN spark_first(s, p) + n < 1 OR n < 0 THEN 0 WHEN spark_first(s, p) < 1
                   THEN spark_first(s, p) + n - 1 ELSE CAST(n AS BIGINT) END)""",
)


_SIDES = {"trim": "BOTH", "ltrim": "LEADING", "rtrim": "TRAILING"}


def trim(call: Call) -> Typed:
    """trim, ltrim, rtrim, btrim: spaces, or the characters given; those come first, in btrim last."""
    if len(call.args) == 1:
        return call.result(f"spark_{call.name.lstrip('b')}({strings(call, 0)[0]})", STRING)
    first, second = strings(call, 0, 1)
    if call.name == "btrim":
        return call.result(f"trim({first}, {second})", STRING)
    name = f"TRIM({_SIDES[call.name]} {call.args[0].name} FROM {call.args[1].name})"
    return call.result(f"{call.name}({second}, {first})", STRING, name=name)


def change_case(call: Call) -> Typed:
    """upper and lower."""
    only_text(call, 0)
    word = "upper" if call.name in ("upper", "ucase") else "lower"
    return call.result(f"spark_{word}({texts(call)[0]})", STRING)


def capitalize(call: Call) -> Typed:
    """initcap: the first letter of each word in title case, the others small."""
    return call.result(f"spark_initcap({strings(call, 0)[0]})", STRING)


def length(call: Call) -> Typed:
    """The number of characters; of bytes in a binary."""
    if call.args[0].type == BINARY:
        return call.result(f"CAST(octet_length({call.args[0].sql}) AS INTEGER)", INT)
    return call.result(f"CAST(length({strings(call, 0)[0]}) AS INTEGER)", INT)


def size(call: Call) -> Typed:
    """octet_length and bit_length: bytes, bits; of text in UTF-8."""
    unit = 8 if call.name == "bit_length" else 1
    if call.args[0].type == BINARY:
        bytes_ = f"octet_length({call.args[0].sql})"
    else:
        bytes_ = f"strlen({strings(call, 0)[0]})"
    return call.result(f"CAST({bytes_} * {unit} AS INTEGER)", INT)


def concat(call: Call) -> Typed:
    """concat and `||`, of texts or of arrays: NULL if any part is."""
    if any(isinstance(arg.type, Array) for arg in call.args):
        return joined_arrays(call)
    parts = " || ".join(texts(call))
    name = f"concat({', '.join(arg.name for arg in call.args)})"
    return call.result(f"({parts})", STRING, name=name)


def _elements(value: Typed, separator: str) -> str:
    known = f"list_filter({value.sql}, lambda spark_x: spark_x IS NOT NULL)"
    return f"(CASE WHEN len({known}) > 0 THEN array_to_string({known}, {text(separator)}) END)"


def concat_ws(call: Call) -> Typed:
    """concat_ws(separator, …): NULL parts are left out; an array stands for its elements."""
    separator = call.literal(0)
    if not isinstance(separator, str):
        raise call.refuse("The separator is a literal.")
    parts = [
        _elements(arg, separator) if arg.type == Array(STRING) else texts(call, positions=(at,))[0]
        for at, arg in enumerate(call.args)
    ]
    return call.result(f"concat_ws({', '.join(parts)})", STRING, nullable=False)


def substring(call: Call) -> Typed:
    """substring(s, start[, length]): characters count from 1, from the end if negative; 0 means 1."""
    value = strings(call, 0)[0]
    start, size = call.literal(1), call.literal(2) if len(call.args) > 2 else 2147483647
    name = f"{call.name}({call.args[0].name}, {call.args[1].name}, "
    name += f"{call.args[2].name if len(call.args) > 2 else size})"
    if type(start) is not int or type(size) is not int:
        last = integer(call, 2) if len(call.args) > 2 else str(size)
        return call.result(f"spark_substring({value}, {integer(call, 1)}, {last})", STRING, name=name)
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
    only_text(call, 0, 1, 2)
    parts = texts(call)
    name = None
    if len(parts) == 2:
        parts.append("''")
        name = f"replace({call.args[0].name}, {call.args[1].name}, )"
    return call.result(f"replace({', '.join(parts)})", STRING, name=name)


def pad(call: Call) -> Typed:
    """lpad and rpad to a number of characters; longer text is cut."""
    only_text(call, 0, 2)
    size = call.literal(1)
    filler = call.literal(2) if len(call.args) > 2 else " "
    if not isinstance(size, int) or not isinstance(filler, str) or filler == "":
        raise call.refuse("The length is a literal integer, the filler a literal text that is not empty.")
    value = texts(call, positions=(0,))[0]
    name = f"{call.name}({call.args[0].name}, {size}, {filler})"
    return call.result(f"{call.name}({value}, {max(size, 0)}, {text(filler)})", STRING, name=name)


def split_part(call: Call) -> Typed:
    """split_part(s, delimiter, n): parts count from 1, from the end if negative; '' beyond the last."""
    only_text(call, 0)
    delimiter, number = call.literal(1), call.literal(2)
    if not isinstance(delimiter, str) or delimiter == "" or not isinstance(number, int) or number == 0:
        raise call.refuse(
            "The delimiter is a literal text that is not empty, the part a literal integer, not 0."
        )
    value = texts(call, positions=(0,))[0]
    return call.result(f"split_part({value}, {text(delimiter)}, {number})", STRING)


def contains(call: Call) -> Typed:
    """contains, startswith, endswith."""
    only_text(call, 0, 1)
    word = {"contains": "contains", "startswith": "starts_with", "endswith": "ends_with"}[call.name]
    return call.result(f"{word}({', '.join(texts(call))})", BOOLEAN)


_T = "text"
_CONVERTED = "text; integers, decimals, booleans and dates turn into text"

TITLE = "Text"
ENTRIES = (
    *(Entry(name, f"[characters,] {_T}", "string", trim, (1, 2)) for name in ("trim", "ltrim", "rtrim")),
    Entry("btrim", f"{_T}[, characters]", "string", trim, (1, 2)),
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
    Entry("initcap", _T, "string", capitalize, limits="only a space ends a word; letters as upper"),
    Entry("octet_length", "text, binary", "int", size),
    Entry("bit_length", "text, binary", "int", size),
    Entry("length", "text, binary", "int", length, aliases=("char_length", "character_length", "len")),
    Entry("concat", f"{_CONVERTED}; arrays", "string; array", concat, (1, None)),
    Entry("||", f"{_CONVERTED}; arrays", "string; array", concat, (2, 2), node=exp.DPipe),
    Entry(
        "concat_ws",
        f"literal separator, {_CONVERTED}; arrays of text",
        "string",
        concat_ws,
        (2, None),
        literals=(0,),
    ),
    Entry(
        "substring",
        f"{_T}, start[, length]",
        "string",
        substring,
        (2, 3),
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
