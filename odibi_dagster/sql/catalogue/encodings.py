"""Text as code points, bytes, Base64, URLs and digests."""

from __future__ import annotations

from odibi_dagster.sql import coerce
from odibi_dagster.sql.typed import Typed
from odibi_dagster.sql.types import BIGINT, BINARY, BOOLEAN, INT, INTEGRAL, STRING

from .entry import Call, Entry
from .nulls import decode as choose
from .text import strings

_MACRO = "CREATE OR REPLACE TEMP MACRO spark_"
_ENCODED = "([^%]|%[0-9a-fA-F]{2})*"
_DIGITS = (
    "list_transform(regexp_extract_all(reverse(s), '[0-9]'), lambda c, i: CASE WHEN i % 2 = 1 THEN c::INT"
)
ENCODING_MACROS: tuple[str, ...] = (
    f"{_MACRO}chr(n) AS CASE WHEN n < 0 THEN '' ELSE chr(CAST(n & 255 AS INTEGER)) END",
    f"{_MACRO}unbase64(s) AS CASE WHEN length(s) % 4 = 0 AND regexp_full_match(s, '[A-Za-z0-9+/]*={{0,2}}') "
    "THEN from_base64(s) WHEN s IS NOT NULL THEN error('the text is not Base64 in whole groups of 4') END",
    # Java encodes a space as + and ~, and leaves * alone (application/x-www-form-urlencoded).
    f"{_MACRO}url_encode(s) AS replace(replace(replace(url_encode(s), '%20', '+'), '~', '%7E'), '%2A', '*')",
    f"{_MACRO}url_decode(s) AS CASE WHEN regexp_full_match(s, '(?s){_ENCODED}') "
    "THEN url_decode(replace(s, '+', ' ')) WHEN s IS NOT NULL THEN error('the text is not URL-encoded') END",
    f"{_MACRO}try_url_decode(s) AS CASE WHEN regexp_full_match(s, '(?s){_ENCODED}') "
    "THEN url_decode(replace(s, '+', ' ')) END",
    f"{_MACRO}luhn_check(s) AS CASE WHEN regexp_full_match(s, '[0-9]+') THEN list_sum({_DIGITS} "
    "WHEN c::INT > 4 THEN 2 * c::INT - 9 ELSE 2 * c::INT END)) % 10 = 0 WHEN s IS NOT NULL THEN false END",
)


def code(call: Call) -> Typed:
    """ascii: the code point of the first character, 0 where there is none."""
    return call.result(f"ascii({strings(call, 0)[0]})", INT)


def character(call: Call) -> Typed:
    """chr: the character of a number modulo 256; none for negative numbers."""
    if call.args[0].type not in INTEGRAL:
        raise call.refuse("CAST it to BIGINT.")
    return call.result(f"spark_chr({coerce.to(call.args[0], BIGINT)})", STRING)


def _bytes(call: Call) -> str:
    value = call.args[0]
    return value.sql if value.type == BINARY else f"encode({strings(call, 0)[0]})"


def base64(call: Call) -> Typed:
    """base64 of bytes or of text in UTF-8."""
    return call.result(f"to_base64({_bytes(call)})", STRING)


def unbase64(call: Call) -> Typed:
    """unbase64: the bytes; raises on text that is not Base64."""
    return call.result(f"spark_unbase64({strings(call, 0)[0]})", BINARY)


def encode(call: Call) -> Typed:
    """encode(s, 'utf-8'): text as bytes."""
    _utf8(call)
    return call.result(f"encode({strings(call, 0)[0]})", BINARY)


def decode(call: Call) -> Typed:
    """decode(b, 'utf-8'): bytes as text; raises where they are none. With more arguments: a choice."""
    if len(call.args) > 2:
        return choose(call)
    _utf8(call)
    if call.args[0].type != BINARY:
        raise call.refuse("decode takes bytes and a charset, or a value, pairs and a default.")
    return call.result(f"decode({call.args[0].sql})", STRING)


def _utf8(call: Call) -> None:
    charset = call.literal(1)
    if not isinstance(charset, str) or charset.lower() != "utf-8":
        raise call.refuse("The charset is the literal 'utf-8'.")


def digest(call: Call) -> Typed:
    """md5, sha, sha1: the digest of bytes or of text in UTF-8, in hexadecimal digits."""
    function = "md5" if call.name == "md5" else "sha1"
    return call.result(f"{function}({_bytes(call)})", STRING)


def sha2(call: Call) -> Typed:
    """sha2(x, 256): the digest in hexadecimal digits."""
    if call.literal(1) not in (0, 256) or isinstance(call.literal(1), bool):
        raise call.refuse("The number of bits is the literal 256 (or 0, which means it).")
    return call.result(f"sha256({_bytes(call)})", STRING)


def url(call: Call) -> Typed:
    """url_encode, url_decode, try_url_decode: a text in a form's URL."""
    nullable = True if call.name == "try_url_decode" else None
    return call.result(f"spark_{call.name}({strings(call, 0)[0]})", STRING, nullable=nullable)


def luhn_check(call: Call) -> Typed:
    """luhn_check: whether a text of digits ends with its right check digit."""
    return call.result(f"spark_luhn_check({strings(call, 0)[0]})", BOOLEAN)


def is_valid_utf8(call: Call) -> Typed:
    """is_valid_utf8: true, for a column of text holds nothing else."""
    return call.result(f"(CASE WHEN {strings(call, 0)[0]} IS NOT NULL THEN true END)", BOOLEAN)


def valid_utf8(call: Call) -> Typed:
    """make_valid_utf8, validate_utf8, try_validate_utf8: the text, for it is valid."""
    nullable = True if call.name == "try_validate_utf8" else None
    return call.result(strings(call, 0)[0], STRING, nullable=nullable)


_T, _B = "text", "text, binary"
TITLE = "Encodings and digests"
ENTRIES = (
    Entry("ascii", _T, "int", code),
    Entry("chr", "integer", "string", character),
    Entry("base64", _B, "string", base64),
    Entry("unbase64", _T, "binary", unbase64, limits="padded and without line breaks, else it raises"),
    Entry("encode", f"{_T}, 'utf-8'", "binary", encode, (2, 2), literals=(1,)),
    Entry(
        "decode", "binary, 'utf-8'; or value, value, result, …", "string; the common type", decode, (2, None)
    ),
    Entry("md5", _B, "string", digest),
    Entry("sha", _B, "string", digest, aliases=("sha1",)),
    Entry("sha2", f"{_B}; literal 256 or 0", "string", sha2, (2, 2), literals=(1,), limits="256 bits only"),
    Entry("url_encode", _T, "string", url),
    Entry("url_decode", _T, "string", url),
    Entry("try_url_decode", _T, "string", url),
    Entry("luhn_check", _T, "boolean", luhn_check),
    Entry("is_valid_utf8", _T, "boolean", is_valid_utf8),
    *(
        Entry(name, _T, "string", valid_utf8)
        for name in ("make_valid_utf8", "validate_utf8", "try_validate_utf8")
    ),
)
