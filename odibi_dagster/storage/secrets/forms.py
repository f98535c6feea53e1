"""The spellings in which one secret may turn up: in URLs, in JSON, in SQL, inside of base64."""

from __future__ import annotations

import base64
import html
import json
import re
from collections.abc import Iterator
from urllib.parse import parse_qs, quote, quote_plus

#: Shorter values are not masked: they stand in ordinary words and numbers.
SHORTEST = 6

# The parts of a value that give access by themselves: a SAS's signature, keys in connection strings and URLs.
_KEYED = re.compile(r"(?i)(?:AccountKey|SharedAccessKey|SharedAccessSignature|Password|Pwd)=([^;]+)")
_USERINFO = re.compile(r"[a-z][a-z0-9+.-]*://[^/\s:@]*:([^/\s@]+)@")


def forms(value: str) -> frozenset[str]:
    """Every spelling of a secret value that must not be shown; none of one that is too short.

    Besides the value itself: its lines, what gives access inside of it, and of each of them the URL-encoded,
    JSON, Python, SQL and XML spellings and what base64 makes of it at any place of a longer text.
    """
    return frozenset(
        form for part in set(_parts(value)) for form in _spellings(part) if len(form) >= SHORTEST
    )


def _parts(value: str) -> Iterator[str]:
    yield value
    if (bare := value.strip()) != value:
        yield bare
    lines = bare.splitlines()
    if len(lines) > 1:  # loggers and tracebacks print line by line
        yield from (line.strip() for line in lines if "-----" not in line)
    yield from _KEYED.findall(value)
    yield from _USERINFO.findall(value)
    if "sig=" in value:
        yield from parse_qs(value.partition("?")[2] or value).get("sig", [])


def _spellings(part: str) -> Iterator[str]:
    if len(part) < SHORTEST:
        return
    yield part
    for encoded in (quote(part, safe=""), quote(part), quote_plus(part)):
        yield encoded
        yield re.sub(r"%[0-9A-F]{2}", lambda match: match[0].lower(), encoded)
    yield json.dumps(part)[1:-1]
    yield json.dumps(part, ensure_ascii=False)[1:-1]
    yield json.dumps(json.dumps(part))[3:-3]
    yield repr(part)[1:-1]
    yield part.replace("'", "''")
    yield html.escape(part)
    yield html.escape(part, quote=False)
    yield from _in_base64(part.encode())


def _in_base64(data: bytes) -> Iterator[str]:
    """The characters that stand for `data` alone, wherever it begins in a longer text that is encoded."""
    for before in range(3):
        encoded = base64.b64encode(bytes(before) + data).decode().rstrip("=")
        first = (0, 2, 3)[before]
        last = len(encoded) - (1 if (before + len(data)) % 3 else 0)
        inner = encoded[first:last]
        if len(inner) >= 2 * SHORTEST - 4:
            yield inner
            yield inner.replace("+", "-").replace("/", "_")
