"""What has been revealed in this process, and the text that is shown instead."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Iterable, Mapping
from typing import Any

from odibi_dagster.storage.secrets.forms import forms

MASK = "***"
#: Seconds for which a token is masked when it has expired: clocks differ, and logs are late.
AFTERWARDS = 3600.0
#: Seconds for which a secret is masked after its source has said another value: whoever used it asks its
#: source again within minutes, and logs are late.
SUPERSEDED = 86400.0

_lock = threading.Lock()
_forms: dict[str, tuple[float, frozenset[str]]] = {}  # by value: until when it gives access, its spellings
_public: set[str] = set()
_wanted: tuple[str, ...] = ()  # longest first, so that no part of a longer form is left over


def remember(value: str, until: float = math.inf) -> None:
    """From now on `mask` hides this value; see `forms` for the spellings, and for what is too short.

    Args:
        value: the secret.
        until: when it ends to give access to anything, in seconds since 1970. `AFTERWARDS` seconds later it
            is forgotten, so that a process that lives for weeks does not collect every token it was given.
    """
    end, made = _forms.get(value, (-math.inf, frozenset[str]()))
    if not value or end >= until:
        return
    made = made or forms(value)
    with _lock:
        _forms[value] = until, made
        over = time.time() - AFTERWARDS
        for each in [each for each, (end, _) in _forms.items() if end < over]:
            del _forms[each]
        _settle()


def supersede(value: str) -> None:
    """Its source says another value now: it is forgotten a day later, unless somebody reveals it again.

    So a process that lives for years, under a vault that rotates every hour, holds the values of one day.
    """
    until = time.time() + SUPERSEDED - AFTERWARDS
    with _lock:
        if value in _forms:
            end, made = _forms[value]
            _forms[value] = min(end, until), made


def show(texts: Iterable[str]) -> None:
    """Declare what the project itself shows, such as its tables' names and URLs: no part of it is masked.

    An account name that a password store answers would otherwise vanish from every URL, and a weak password
    that is also a table's name would take the table's name along.
    """
    with _lock:
        _public.update(texts)
        _settle()


def _settle() -> None:
    global _wanted
    every = frozenset[str]().union(*(made for _, made in _forms.values()))
    hidden = (form for form in every if not any(form in text for text in _public))
    _wanted = tuple(sorted(hidden, key=lambda form: (-len(form), form)))


def anything() -> bool:
    """Whether there is something to mask in this process."""
    return bool(_wanted)


def mask(text: str) -> str:
    """The text with every remembered value replaced by `***`; the same object when there is none in it."""
    for form in _wanted:
        if form in text:
            text = text.replace(form, MASK)
    return text


def mask_all(value: Any) -> Any:
    """Masks every text in nested mappings and lists, their keys included; what is neither stays."""
    if not _wanted:
        return value
    if isinstance(value, str):
        return mask(value)
    if isinstance(value, Mapping):
        return {mask_all(key): mask_all(each) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)(mask_all(each) for each in value) if type(value) in (list, tuple) else value
    return value
