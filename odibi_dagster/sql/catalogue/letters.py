"""UPPER and LOWER as Spark (ICU) writes them, where DuckDB maps one character to one.

Source: Unicode's SpecialCasing.txt: letters whose capital is several characters, and the final sigma.
Compared with Spark 4.2 for every character below U+20000: equal but for the letters of Unicode 16 and 17.
"""

from __future__ import annotations

_SPECIAL_RANGES = (
    (0xDF, 0xDF), (0x149, 0x149), (0x1F0, 0x1F0), (0x390, 0x390), (0x3B0, 0x3B0), (0x587, 0x587),
    (0x1E96, 0x1E9A), (0x1F50, 0x1FFC), (0xFB00, 0xFB17),
)  # fmt: skip
_SPECIAL = {
    chr(code): chr(code).upper()
    for first, last in _SPECIAL_RANGES
    for code in range(first, last + 1)
    if len(chr(code).upper()) > 1
}
_CASED = r"\p{Lu}\p{Ll}\p{Lt}"
_IGNORED = r"\p{Mn}\p{Me}\p{Cf}\p{Lm}\p{Sk}''.:·’‘․‧︓﹒﹕＇．："
_FINAL_SIGMA = rf"([{_CASED}][{_IGNORED}]*)Σ([{_IGNORED}]*([^{_CASED}{_IGNORED}]|$))"
_CAPITALS = ", ".join(f"'{small}': '{large}'" for small, large in _SPECIAL.items())

# Letters whose title case is not their capital: digraphs, Georgian, ligatures, Greek with iota.
_TITLE_RANGES = (*_SPECIAL_RANGES, (0x1C4, 0x1CC), (0x1F1, 0x1F3), (0x10D0, 0x10FF))
_TITLES = ", ".join(
    f"'{chr(code)}': '{chr(code).title()}'"
    for first, last in _TITLE_RANGES
    for code in range(first, last + 1)
    if chr(code).title() != chr(code).upper() or len(chr(code).title()) > 1
)
_WORDS = "list_transform(string_split(s, ' '), lambda w: {first} || {lower}(w)[{second}:])"

LETTER_MACROS: tuple[str, ...] = (
    f"""CREATE OR REPLACE TEMP MACRO spark_upper(s) AS CASE
        WHEN strlen(s) = length(s) OR NOT regexp_matches(s, '[{"".join(_SPECIAL)}]') THEN upper(s)
        ELSE array_to_string(list_transform(regexp_extract_all(s, '(?s).'),
             lambda c: COALESCE(MAP {{{_CAPITALS}}}[c], upper(c))), '') END""",
    f"""CREATE OR REPLACE TEMP MACRO spark_lower(s) AS CASE
        WHEN strlen(s) = length(s) OR NOT regexp_matches(s, '[Σİ]') THEN lower(s)
        ELSE lower(replace(regexp_replace(s, '{_FINAL_SIGMA}', '\\1ς\\2', 'g'), 'İ', 'i' || chr(775))) END""",
    # Only a space ends a word. The small İ is two characters.
    f"""CREATE OR REPLACE TEMP MACRO spark_initcap(s) AS array_to_string(
        CASE WHEN strlen(s) = length(s) THEN {_WORDS.format(lower="lower", first="upper(w[1])", second=2)}
        ELSE {
        _WORDS.format(
            lower="spark_lower",
            first=f"COALESCE(MAP {{{_TITLES}}}[w[1]], upper(w[1]))",
            second="CASE WHEN w[1] = 'İ' THEN 3 ELSE 2 END",
        )
    } END, ' ')""",
)
