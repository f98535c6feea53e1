"""Spark's patterns for dates and times, as far as DuckDB can keep them.

Source: Spark's documentation "Datetime Patterns for Formatting and Parsing", and Java's DateTimeFormatter: a
letter twice is a fixed width, once is as many digits as there are; text is read strictly, to its end.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from .refusal import Refusal

_PIECES = re.compile(r"([A-Za-z])\1*|'((?:[^']|'')*)'|([^A-Za-z'\[\]{}#])", re.DOTALL)
_MONTHS = "(?i:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
_LONG_MONTHS = "(?i:January|February|March|April|May|June|July|August|September|October|November|December)"
# Letters: what text has to look like, what Spark reads besides (refused where it happens), strptime's word.
_READ: dict[str, tuple[str, str, str]] = {
    "yyyy": ("[0-9]{4}", "([0-9]{4}|[+][0-9]{5,})", "%Y"),
    "MM": ("[0-9]{2}", "[0-9]{2}", "%m"),
    "M": ("[0-9]{1,2}", "[0-9]+", "%m"),
    "MMM": (_MONTHS, _MONTHS, "%b"),
    "MMMM": (_LONG_MONTHS, _LONG_MONTHS, "%B"),
    "dd": ("[0-9]{2}", "[0-9]{2}", "%d"),
    "d": ("[0-9]{1,2}", "[0-9]+", "%d"),
    "HH": ("([01][0-9]|2[0-3])", "[0-9]{2}", "%H"),
    "H": ("([01]?[0-9]|2[0-3])", "[0-9]+", "%H"),
    "hh": ("(0[1-9]|1[0-2])", "[0-9]{2}", "%I"),
    "h": ("(0?[1-9]|1[0-2])", "[0-9]+", "%I"),
    "mm": ("[0-5][0-9]", "[0-9]{2}", "%M"),
    "m": ("[0-5]?[0-9]", "[0-9]+", "%M"),
    "ss": ("[0-5][0-9]", "[0-9]{2}", "%S"),
    "s": ("[0-5]?[0-9]", "[0-9]+", "%S"),
    "a": ("(?i:AM|PM)", "(?i:AM|PM)", "%p"),
    **{"S" * size: (f"[0-9]{{1,{size}}}", f"[0-9]{{1,{size}}}", "%f") for size in range(1, 7)},
}
# Letters: the DuckDB expression of a TIMESTAMP x.
_WRITTEN = {
    "yyyy": "strftime(x, '%Y')",
    "y": "CAST(year(x) AS VARCHAR)",
    "yy": "strftime(x, '%y')",
    "M": "strftime(x, '%-m')",
    "MM": "strftime(x, '%m')",
    "MMM": "strftime(x, '%b')",
    "MMMM": "strftime(x, '%B')",
    "L": "strftime(x, '%-m')",
    "LL": "strftime(x, '%m')",
    "d": "strftime(x, '%-d')",
    "dd": "strftime(x, '%d')",
    "D": "strftime(x, '%-j')",
    "DDD": "strftime(x, '%j')",
    "H": "strftime(x, '%-H')",
    "HH": "strftime(x, '%H')",
    "h": "strftime(x, '%-I')",
    "hh": "strftime(x, '%I')",
    "m": "strftime(x, '%-M')",
    "mm": "strftime(x, '%M')",
    "s": "strftime(x, '%-S')",
    "ss": "strftime(x, '%S')",
    "a": "strftime(x, '%p')",
    "E": "strftime(x, '%a')",
    "EE": "strftime(x, '%a')",
    "EEE": "strftime(x, '%a')",
    "EEEE": "strftime(x, '%A')",
    "Q": "CAST(quarter(x) AS VARCHAR)",
    "QQ": "('0' || quarter(x))",
    "QQQ": "('Q' || quarter(x))",
    "XXX": "'Z'",
    "z": "'UTC'",
    "Z": "'+0000'",
    **{"S" * size: f"strftime(x, '%f')[1:{size}]" for size in range(1, 7)},
}
_STRFTIME = re.compile(r"strftime\(x, '(%-?\w)'\)")


@dataclass(frozen=True)
class Reader:
    """How text is read by a pattern.

    Args:
        exact: what text has to look like (RE2) for `strptime` to read it as Spark does.
        loose: what else Spark may read; such text raises.
        strptime: DuckDB's pattern.
    """

    exact: str
    loose: str
    strptime: str


def _pieces(pattern: str) -> list[tuple[str, str]]:
    """The pattern as (letters, literal) pairs, one of which is empty.

    Raises:
        Refusal: it holds a character that is neither.
    """
    pieces, at = [], 0
    while at < len(pattern):
        if pattern.startswith("''", at):
            pieces.append(("", "'"))
            at += 2
            continue
        match = _PIECES.match(pattern, at)
        if match is None:
            raise Refusal(f"{pattern[at]!r} in the pattern '{pattern}' is not supported.")
        letters = match[0] if match[1] else ""
        pieces.append((letters, "" if letters else (match[2] or "").replace("''", "'") or match[3] or ""))
        at = match.end()
    return pieces


def reader(pattern: str) -> Reader:
    """How a pattern reads text.

    Raises:
        Refusal: a letter is not among those that are read exactly, or two numbers of any width touch.
    """
    exact, loose, strptime = [], [], []
    seen: list[str] = []
    before = ""
    for letters, literal in _pieces(pattern):
        if literal:
            exact.append(re.escape(literal))
            loose.append(re.escape(literal))
            strptime.append(literal.replace("%", "%%"))
            before = ""
            continue
        if letters not in _READ:
            raise Refusal(
                f"'{letters}' in the pattern '{pattern}' is not supported for reading.",
                f"Use {', '.join(_READ)}, and text in quotes.",
            )
        digits = letters[0] not in "a" and letters not in ("MMM", "MMMM")
        if digits and before and (len(letters) == 1 or len(before) == 1 or "S" in letters + before):
            raise Refusal(f"'{before}{letters}' in the pattern '{pattern}': put something between them.")
        before = letters if digits else ""
        seen.append(letters[0])
        for parts, part in zip((exact, loose, strptime), _READ[letters], strict=True):
            parts.append(part)
    if len(set(seen)) != len(seen) or {"H", "h"} <= set(seen) or (("h" in seen) != ("a" in seen)):
        raise Refusal(f"The pattern '{pattern}' says something twice, or h without a.", "Use H without a.")
    if "y" not in seen or ("d" in seen and "M" not in seen):
        raise Refusal(f"The pattern '{pattern}' names no day.", "It needs yyyy, MM and dd.")
    if "S" in seen and "." + "S" * len(re.findall("S", pattern)) not in pattern:
        raise Refusal(f"The fraction in '{pattern}' does not stand behind a point.")
    return Reader("".join(exact), "".join(loose), "".join(strptime))


def writer(pattern: str, text: str) -> str:
    """DuckDB text of what a pattern makes of a TIMESTAMP.

    Args:
        pattern: Spark's pattern.
        text: DuckDB text of the TIMESTAMP.

    Raises:
        Refusal: a letter is not among those that are written exactly.
    """
    parts: list[str] = []
    running = ""

    def flush() -> None:
        nonlocal running
        if running:
            parts.append(f"strftime({text}, '{running}')")
            running = ""

    for letters, literal in _pieces(pattern):
        if literal:
            running += literal.replace("%", "%%").replace("'", "''")
            continue
        if letters not in _WRITTEN:
            raise Refusal(
                f"'{letters}' in the pattern '{pattern}' is not supported for writing.",
                f"Use {', '.join(_WRITTEN)}, and text in quotes.",
            )
        written = _WRITTEN[letters]
        if match := _STRFTIME.fullmatch(written):
            running += match[1]
        else:
            flush()
            parts.append(re.sub(r"\bx\b", lambda _: text, written))
    flush()
    return f"({' || '.join(parts)})" if parts else f"(CASE WHEN {text} IS NOT NULL THEN '' END)"
