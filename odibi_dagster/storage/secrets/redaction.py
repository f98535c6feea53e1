"""What has been revealed in this process, and the text that is shown instead."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping
from typing import Any

from odibi_dagster.storage.secrets.forms import forms

MASK = "***"

_lock = threading.Lock()
_forms: set[str] = set()
_public: set[str] = set()
_wanted: tuple[str, ...] = ()  # longest first, so that no part of a longer form is left over


def remember(value: str) -> None:
    """From now on `mask` hides this value; see `forms` for the spellings, and for what is too short."""
    if not value or value in _forms:
        return
    made = forms(value)
    with _lock:
        _forms.update(made)
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
