"""What a store answered, out of whatever exception a client made of it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from odibi_dagster.storage.scrub import scrub

# obstore and delta-rs quote the body; delta-rs also paints, and breaks every ": " into a line with an arrow.
_PAINT = re.compile(r"\x1b\[[0-9;]*m")
_ARROW = re.compile(r"\s*\n\s*↳\s*")
_STATUS = re.compile(r"(?:status code: |\bstatus: |\(code: )([1-5]\d\d)\b")
_CODES = (
    re.compile(r"<Code>\s*([\w.]+)\s*</Code>"),
    re.compile(r"ErrorCode:\s*(?!None)(\w+)"),
    re.compile(r"\(code: ([A-Z]\w+)\)"),
    re.compile(r"An error occurred \(([\w.]+)\)"),
)
_MESSAGE = re.compile(r"<Message>\s*(.*?)\s*(?:\n|</Message>)", re.DOTALL)
#: The cause that obstore keeps for its long form: an operating system's or a name server's words, or TLS'.
_INNER = re.compile(r'(?:message|error):\s+"?((?:Invalid\w+\(\s*\w+|(?<=")[^"]{4,200}))')
#: What a token service says, as OAuth has it (RFC 6749, section 5.2).
_TOKEN = re.compile(r'"error_description":\s*"([^"]{4,300})')
_VERB = re.compile(r"Error performing (list request|bulk delete|GET|HEAD|PUT|POST|DELETE)")
_CALL = re.compile(r"when calling the (\w+) operation")
_CALLS = (
    ("List", "list"),
    ("Delete", "delete"),
    *((start, "write") for start in ("Put", "Upload", "Copy", "Create", "Complete")),
)
_VERBS = {
    "list request": "list",
    "bulk delete": "delete",
    "GET": "read",
    "HEAD": "read",
    "PUT": "write",
    "DELETE": "delete",
}
_ANSWER = re.compile(r"status code: (\d{3} [A-Z][A-Za-z -]+)")
_LINKS = 8


@dataclass(frozen=True)
class Response:
    """An answer, or the lack of one.

    Args:
        status: the HTTP status, if there was an answer.
        code: the service's own word for it, "NoSuchBucket".
        text: everything that is known of it, on one line, without secrets: to be searched.
        why: one sentence of it, for people.
        doing: "list", "read", "write" or "delete" where that is known.
        after: seconds that the store asked to wait, where the client kept them.
    """

    status: int | None
    code: str
    text: str
    why: str
    doing: str
    after: float | None


def response_of(error: BaseException) -> Response:
    """What a store answered, from an exception of obstore, delta-rs, boto3, the Azure SDK or Python."""
    links = list(_links(error))
    text = scrub(_ARROW.sub(": ", _PAINT.sub("", "\n".join(str(link) for link in links))))
    status = next((s for link in links if (s := _status(link)) is not None), None)
    if status is None and (found := _STATUS.search(text)):
        status = int(found[1])
    code = next((c for link in links if (c := _code(link))), "")
    if not code:
        code = next((found[1] for pattern in _CODES if (found := pattern.search(text))), "")
    after = next((a for link in links if (a := _after(link)) is not None), None)
    return Response(status, code, text, _why(text, status, code), _doing(text), after)


def _links(error: BaseException) -> Iterator[BaseException]:
    """An error, and those it wraps: as a cause, or in the attributes of botocore and azure-core."""
    pending: list[Any] = [error]
    seen: set[int] = set()
    while pending and len(seen) < _LINKS:
        link = pending.pop(0)
        if not isinstance(link, BaseException) or id(link) in seen:
            continue
        seen.add(id(link))
        yield link
        kept = getattr(link, "kwargs", None)
        pending += [link.__cause__, getattr(link, "inner_exception", None), getattr(link, "reason", None)]
        pending += [kept.get("error")] if isinstance(kept, dict) else []


def _answer(link: BaseException) -> dict[str, Any]:
    answer = getattr(link, "response", None)
    return answer if isinstance(answer, dict) else {}


def _status(link: BaseException) -> int | None:
    status = _answer(link).get("ResponseMetadata", {}).get("HTTPStatusCode")
    status = status or getattr(link, "status_code", None)
    return status if isinstance(status, int) else None


def _code(link: BaseException) -> str:
    code = _answer(link).get("Error", {}).get("Code") or getattr(link, "error_code", None)
    return str(getattr(code, "value", code) or "")


def _after(link: BaseException) -> float | None:
    """Retry-After, where it is in seconds (RFC 9110, section 10.2.3)."""
    headers: Any = _answer(link).get("ResponseMetadata", {}).get("HTTPHeaders")
    headers = headers or getattr(getattr(link, "response", None), "headers", None) or {}
    try:
        found = headers.get("Retry-After") or headers.get("retry-after")
        return float(found)
    except (AttributeError, TypeError, ValueError):
        return None


def _doing(text: str) -> str:
    if found := _CALL.search(text):
        return next((doing for start, doing in _CALLS if found[1].startswith(start)), "read")
    if "Bulk delete" in text or "DeleteObjects request failed" in text:
        return "delete"
    found = _VERB.search(text)
    if found and found[1] == "POST":
        return "delete" if "?delete" in text else "write"
    return _VERBS[found[1]] if found else ""


def _why(text: str, status: int | None, code: str) -> str:
    """One line: the status and the service's words, or the innermost cause, or the first line."""
    first = text.strip().partition("\n")[0].strip()
    if message := _MESSAGE.search(text):
        first = f"{code}: {message[1]}" if code and code not in message[1] else message[1]
        return f"{status} {first}" if status else first
    if token := _TOKEN.search(text):
        return f"{status} {token[1]}" if status else token[1]
    if answer := _ANSWER.search(text):
        return answer[1].strip()
    if "Debug source" in text and (inner := _INNER.search(text)):
        first = f"{first}: {' '.join(inner[1].split())}"
    # The tail says what happened, the head says which request it was.
    return first if len(first) < 400 else f"{first[:150]} … {first[-200:]}"
