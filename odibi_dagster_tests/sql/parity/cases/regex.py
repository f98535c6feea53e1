"""Regular expressions."""

from __future__ import annotations

CASES: dict[str, tuple[str, ...]] = {
    "[NOT] RLIKE": (
        "s RLIKE 'a.c'",
        "s RLIKE '^a'",
        "s RLIKE 'c$'",
        "s NOT RLIKE '[0-9]+'",
    ),
    "regexp_like": (
        "regexp_like(s,'\\\\d+')",
        "regexp_like(s,'^\\\\w+$')",
        "regexp_like(s,'\\\\s')",
        "regexp_like(s,'(?i)[a-c]{3}')",
        "regexp_like(u,'^[\\\\w.+-]+@[\\\\w-]+\\\\.[a-z]{2,}$')",
        "regexp_like(s,'ß|😀|é')",
        "regexp_like(s,'^$')",
        "regexp_like(s,'.')",
        "regexp_like(s,'^.+$')",
        "regexp_like(n,'^-?[0-9]+(\\\\.[0-9]+)?$')",
        "regexp_like(s,'[^a-z]')",
        "regexp_like(s,'a.*?c')",
        "regexp_like(s,'[\\\\[\\\\]\\\\\\\\^-]')",
    ),
    "rlike": ("rlike(s,r'\\s\\S')",),
    "regexp": ("regexp(s,'(?i)HELLO')",),
    "regexp_replace": (
        "regexp_replace(s,'a','b')",
        "regexp_replace(s,'(b)(c)','$2$1')",
        "regexp_replace(s,'[aeiou]','<$0>')",
        "regexp_replace(s,'\\\\s+',' ')",
        "regexp_replace(s,'[^0-9a-zA-Z]','')",
        "regexp_replace(s,'^\\\\s+','')",
        "regexp_replace(s,'\\\\s+$','')",
        "regexp_replace(s,'a|b','\\\\$')",
        "regexp_replace(s,'.','x')",
        "regexp_replace(s,'(?i)A','-')",
        "regexp_replace(n,'([0-9])([0-9]*)','$1.$2')",
        "regexp_replace(s,',','\\\\\\\\')",
    ),
    "regexp_extract": (
        "regexp_extract(s,'([a-z])([a-z])',2)",
        "regexp_extract(s,'(\\\\w+)')",
        "regexp_extract(s,'\\\\w+',0)",
        "regexp_extract(s,'(x)?b',1)",
        "regexp_extract(s,'(a|b)+c',0)",
        "regexp_extract(n,'^([0-9]+)$',1)",
        "regexp_extract(n,'([0-9]+)\\\\.?([0-9]*)',2)",
    ),
    "regexp_extract_all": (
        "regexp_extract_all(s,'([a-c])',1)",
        "regexp_extract_all(s,'[a-c]+',0)",
        "regexp_extract_all(s,'(a)(b)?',2)",
        "regexp_extract_all(s,'(.)c')",
    ),
    "regexp_count": (
        "regexp_count(s,'a')",
        "regexp_count(s,'[a-c]+')",
        "regexp_count(s,'.')",
        "regexp_count(s,'b|c')",
    ),
    "regexp_substr": (
        "regexp_substr(s,'b.')",
        "regexp_substr(s,'[0-9]+')",
    ),
    "regexp_instr": (
        "regexp_instr(s,'b')",
        "regexp_instr(s,'[0-9]+')",
        "regexp_instr(s,'c|b')",
        "regexp_instr(s,'😀|Σ')",
    ),
}
