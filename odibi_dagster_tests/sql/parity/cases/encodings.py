"""Encodings and digests."""

from __future__ import annotations

CASES: dict[str, tuple[str, ...]] = {
    "ascii": (
        "ascii(s)",
        "ascii(t)",
    ),
    "chr": (
        "chr(i)",
        "chr(bi)",
        "chr(65)",
    ),
    "base64": (
        "base64(s)",
        "base64(bin)",
    ),
    "unbase64": (
        "unbase64(base64(s))",
        "unbase64('YWJj')",
        "unbase64('YQ==')",
    ),
    "encode": (
        "encode(s,'utf-8')",
        "encode(s,'UTF-8')",
    ),
    "decode": (
        "decode(encode(s,'utf-8'),'utf-8')",
        "decode(bin,'utf-8')",
        "decode(i,1,'a',2,'b','c')",
        "decode(i,1,'a',NULL,'n')",
        "decode(s,'abc',i,'',2,j)",
    ),
    "md5": (
        "md5(s)",
        "md5(bin)",
    ),
    "sha": (
        "sha(s)",
        "sha1(bin)",
    ),
    "sha2": (
        "sha2(s,256)",
        "sha2(bin,0)",
    ),
    "url_encode": (
        "url_encode(s)",
        "url_encode(u)",
        "url_encode('a b~*+/ß-_.%')",
    ),
    "url_decode": (
        "url_decode(url_encode(s))",
        "url_decode('a+b%20c%2B%C3%9F')",
    ),
    "try_url_decode": (
        "try_url_decode(s)",
        "try_url_decode(u)",
        "try_url_decode('%zz')",
    ),
    "luhn_check": (
        "luhn_check(n)",
        "luhn_check(s)",
        "luhn_check(hex(s))",
        "luhn_check('79927398713')",
    ),
    "is_valid_utf8": ("is_valid_utf8(s)",),
    "make_valid_utf8": ("make_valid_utf8(s)",),
    "validate_utf8": ("validate_utf8(s)",),
    "try_validate_utf8": ("try_validate_utf8(s)",),
}
