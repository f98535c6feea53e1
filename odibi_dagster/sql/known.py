"""What earlier loads found of SQL texts, so that definitions load without parsing them again."""

from __future__ import annotations

import hashlib
import json
import os
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from uuid import uuid4

from .query import Query

#: The newest of this many texts are remembered.
MOST = 5_000


class Known:
    """Texts that were found right, by their hash; wrong ones are parsed each time, for their messages.

    Only what definitions need is remembered. Whoever computes with a query parses it, and then it is held
    against the whole catalogue again: nothing in this file can let a text through. It is kept for exactly
    this compiler (its files' sizes and times) and may be deleted at any time.

    Args:
        folder: where the file lies; None is `odibi_dagster` in the user's folder for caches.
    """

    def __init__(self, folder: Path | None = None) -> None:
        caches = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
        self._file = (folder or Path(caches) / "odibi_dagster") / f"sql-{_stamp()}.json"
        self._found: dict[str, dict[str, list[str] | str]] = {}

    @cached_property
    def _before(self) -> dict[str, dict[str, list[str] | str]]:
        try:
            before = json.loads(self._file.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return before if isinstance(before, dict) else {}

    def query(self, text: str, *, file: str, first_line: int, table: str, native: bool = False) -> Query:
        """As `parse_query`, or `parse_native` where Spark computes; a text that is known is not parsed.

        Raises:
            SqlError, ConfigErrors: as `parse_query`.
        """
        key = _key("native" if native else "query", text)
        if key in self._before:
            was = self._before[key]
            return Query(
                text,
                tuple(was["inputs"]),
                tuple(was["parameters"]),
                str(was["fingerprint"]),
                file,
                first_line,
                table,
            )
        from .native import parse_native
        from .parse import parse_query

        parsed = parse_native if native else parse_query
        query = parsed(text, file=file, first_line=first_line, table=table)
        self._found[key] = {
            "inputs": list(query.inputs),
            "parameters": list(query.parameters),
            "fingerprint": query.fingerprint,
        }
        return query

    def predicate(self, text: str, *, file: str, line: int, table: str, native: bool = False) -> None:
        """As `check_predicate`, or `check_native_predicate`; a text that is known is not parsed.

        Raises:
            SqlError, ConfigErrors: as `check_predicate`.
        """
        key = _key("native predicate" if native else "predicate", text)
        if key in self._before or key in self._found:
            return
        from .native import check_native_predicate
        from .predicate import check_predicate

        check = check_native_predicate if native else check_predicate
        check(text, file=file, line=line, table=table)
        self._found[key] = {}

    def save(self) -> None:
        """Keeps what was found. Where nothing can be written, the next load parses again."""
        if not self._found:
            return
        entries = list({**self._before, **self._found}.items())[-MOST:]
        with suppress(OSError):
            self._file.parent.mkdir(parents=True, exist_ok=True)
            fresh = self._file.with_name(f".{self._file.name}.{uuid4().hex}")
            fresh.write_text(json.dumps(dict(entries), separators=(",", ":")), encoding="utf-8")
            fresh.replace(self._file)


def _key(kind: str, text: str) -> str:
    return hashlib.sha256(f"{kind}\n{text}".encode()).hexdigest()[:32]


def _stamp() -> str:
    """Names this compiler: another version of it, or of its parser, knows nothing."""
    from importlib.metadata import version

    here = Path(__file__).parent
    files = sorted([*here.glob("*.py"), *(here / "catalogue").glob("*.py")])
    seen = [(file.name, (stat := file.stat()).st_size, stat.st_mtime_ns) for file in files]
    return hashlib.sha256(repr((version("sqlglot"), seen)).encode()).hexdigest()[:16]
