"""Bits."""

from __future__ import annotations

CASES: dict[str, tuple[str, ...]] = {
    "&": (
        "i & j",
        "bi & i",
    ),
    "|": (
        "i | j",
        "ti | bi",
    ),
    "^": (
        "i ^ j",
        "ti ^ si",
    ),
    "~": (
        "~i",
        "~bi",
        "~ti",
    ),
    "<<": (
        "i << 2",
        "i << j",
        "bi << j",
        "ti << 3",
    ),
    ">>": (
        "i >> j",
        "bi >> j",
    ),
    "shiftleft": (
        "shiftleft(i,j)",
        "shiftleft(bi,j)",
        "shiftleft(ti,ti)",
    ),
    "shiftright": (
        "shiftright(i,j)",
        "shiftright(bi,j)",
    ),
    "shiftrightunsigned": (
        "shiftrightunsigned(i,j)",
        "shiftrightunsigned(bi,j)",
        "shiftrightunsigned(si,ti)",
    ),
    "bit_count": (
        "bit_count(i)",
        "bit_count(bi)",
        "bit_count(ti)",
        "bit_count(bo)",
    ),
    "bit_get": (
        "bit_get(i,3)",
        "bit_get(bi,63)",
        "bit_get(bi,0)",
        "bit_get(ti,7)",
        "bit_get(i,32)",
        "getbit(i,j)",
    ),
}
