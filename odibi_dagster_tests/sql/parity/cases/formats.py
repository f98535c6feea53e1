"""Formats."""

from __future__ import annotations

CASES: dict[str, tuple[str, ...]] = {
    "format_number": (
        "format_number(d,2)",
        "format_number(i,2)",
        "format_number(bi,0)",
        "format_number(d,3)",
        "format_number(ti,1)",
        "format_number(a,1)",
        "format_number(a,0)",
        "format_number(b,2)",
        "format_number(b,6)",
        "format_number(w,3)",
        "format_number(p38,2)",
        "format_number(CAST(id AS DECIMAL(6,0)),2)",
        "format_number(f,2)",
        "format_number(1234567.5e0,0)",
    ),
    "format_string": (
        "format_string('%d %s',i,s)",
        "format_string('%5d|%-5d|%05d|%,d|%s',i,j,ti,bi,bo)",
        "printf('x%%y%sz',s)",
        "format_string('plain')",
        "format_string('%12d|%,d',bi,j)",
    ),
}
