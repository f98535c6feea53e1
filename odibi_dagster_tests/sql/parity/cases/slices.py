"""Parts of text."""

from __future__ import annotations

CASES: dict[str, tuple[str, ...]] = {
    "left": (
        "left(s,2)",
        "left(s,-1)",
        "left(s,i)",
        "left(s,ti)",
    ),
    "right": (
        "right(s,2)",
        "right(s,0)",
        "right(s,i)",
        "right(s,j)",
    ),
    "substring_index": (
        "substring_index(s,',',2)",
        "substring_index(s,' ',-1)",
        "substring_index(s,'b',j)",
        "substring_index(s,'a',0)",
        "substring_index(s,'bc',i)",
    ),
    "overlay": (
        "overlay(s PLACING 'xy' FROM 2)",
        "overlay(s PLACING t FROM 2 FOR 3)",
        "overlay(s,t,j)",
        "overlay(s,t,i)",
        "overlay(s,t,j,ti)",
        "overlay(s,t,3,0)",
        "overlay(s,'ß',-2)",
        "overlay(s,t,ti)",
    ),
    "reverse": (
        "reverse(s)",
        "reverse(u)",
    ),
    "repeat": (
        "repeat(t,3)",
        "repeat(t,j)",
    ),
    "space": (
        "space(j)",
        "space(3)",
    ),
    "elt": (
        "elt(1,s,t)",
        "elt(2,s,u,i)",
    ),
}
