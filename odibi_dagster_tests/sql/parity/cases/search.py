"""Finding text."""

from __future__ import annotations

CASES: dict[str, tuple[str, ...]] = {
    "locate": (
        "locate('b',s)",
        "locate(t,s)",
        "locate(t,s,2)",
        "locate('',s)",
        "locate('',s,3)",
        "locate('b',s,j)",
        "locate(t,u,i)",
        "position('b' IN s)",
    ),
    "position": (
        "position(t,s)",
        "position('b',s,2)",
    ),
    "instr": (
        "instr(s,t)",
        "instr(s,'')",
    ),
    "find_in_set": (
        "find_in_set(t,s)",
        "find_in_set(t,'b,Pad,ß,,x')",
        "find_in_set('b',s)",
    ),
    "translate": (
        "translate(s,'abc','xy')",
        "translate(s,'','')",
        "translate(s,'ßé','s')",
        "translate(s,'aa','xy')",
    ),
    "levenshtein": (
        "levenshtein('kitten',n)",
        "levenshtein(n,'abc')",
    ),
    "split": (
        "split(s,',')",
        "split(s,' ')",
        "split(s,'a')",
        "split(s,'bc')",
        "split(n,'\\\\.')",
        "split(s,'[,]')",
        "split(s,'\\\\%')",
        "split(s,'%')",
    ),
}
