"""A setting of a credential: a plain text, or a secret that is resolved when it is used."""

from __future__ import annotations

from typing import Protocol, runtime_checkable


@runtime_checkable
class Revealing(Protocol):
    """A text that somebody has to be asked for: `odibi_dagster.storage.secrets.Secret`."""

    def reveal(self) -> str:
        """The value, as of now."""
        ...

    def forget(self) -> None:
        """The next `reveal` asks for it again, however fresh the last answer is."""
        ...


Value = Revealing | str | None


def text_of(value: Value) -> str:
    """The value, as of now; "" for None.

    Raises:
        ConfigError, StorageError, TransientError: a secret's source does not know it, refuses, or is away.
    """
    if value is None:
        return ""
    return value.strip() if isinstance(value, str) else value.reveal().strip()


def forget(value: object) -> None:
    """Where it is a secret, let the next use ask its source again."""
    if isinstance(value, Revealing):
        value.forget()


def deferred(value: object) -> bool:
    """Whether it can only be had over a network, or from a function that may need one."""
    return bool(getattr(value, "deferred", False))
