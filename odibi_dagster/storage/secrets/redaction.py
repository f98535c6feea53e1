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

_lock = threading.Lock()
_forms: dict[str, float] = {}  # each with the time until which it gives access
_public: set[str] = set()
_wanted: tuple[str, ...] = ()  # longest first, so that no part of a longer form is left over


def remember(value: str, until: float = math.inf) -> None:
    """From now on `mask` hides this value; see `forms` for the spellings, and for what is too short.

    Args:
        value: the secret.
        until: when it ends to give access to anything, in seconds since 1970. `AFTERWARDS` seconds later it
            is forgotten, so that a process that lives for weeks does not collect every token it was given.
    """
    if not value or _forms.get(value, -math.inf) >= until:
        return
    made = forms(value)
    with _lock:
        for form in made:
            _forms[form] = max(until, _forms.get(form, until))
        over = time.time() - AFTERWARDS
        for form in [form for form, end in _forms.items() if end < over]:
            del _forms[form]
        _settle()


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
    hidden = (form for form in _forms if not any(form in text for text in _public))
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
