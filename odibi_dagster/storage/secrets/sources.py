"""Who answers the references of one environment: variables, files, its `secrets:`, and remote vaults."""

from __future__ import annotations

import difflib
import os
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from odibi_dagster.errors import ConfigError, ConfigErrors, StorageError
from odibi_dagster.storage.secrets.redaction import remember, supersede
from odibi_dagster.storage.secrets.reference import Reference, parse
from odibi_dagster.storage.secrets.secret import Secret, Text
from odibi_dagster.storage.secrets.usual import USUAL, variables_of

#: Seconds for which an answer is used without asking again.
FRESH = 300.0

Named = Mapping[str, str] | Callable[[str], str | None]
Fetch = Callable[[Reference], str]


@dataclass(eq=False)
class Sources:
    """Answers references; safe to use from many threads.

    Args:
        variables: the process variables; read anew each time, so `os.environ` follows the process.
        named: what answers plain names before the variables do: a mapping, or a function that returns None
            or raises KeyError for a name it does not know.
        called: how `named` is written in the environment file, for messages.
        remote: by scheme, what asks a vault; see `odibi_dagster.storage.secrets.remote`.
        fresh: seconds for which a vault's or a function's answer is used without asking again.
    """

    variables: Mapping[str, str] = field(default_factory=lambda: os.environ, repr=False)
    named: Named | None = field(default=None, repr=False)
    called: str = "secrets"
    remote: Mapping[str, Fetch] = field(default_factory=dict, repr=False)
    fresh: float = FRESH

    def __post_init__(self) -> None:
        self._answers: dict[Reference, tuple[str, float]] = {}
        self._latest: dict[Reference, str] = {}
        self._locks: dict[Reference, threading.RLock] = {}
        self._lock = threading.Lock()
        self._asking = threading.local()

    def secret(self, text: str) -> Secret:
        """A text with references, to be resolved when it is used.

        Raises:
            ConfigError: a reference is not written as its scheme demands.
        """
        parts = parse(text)
        later = any(self.deferred(part) for part in parts if isinstance(part, Reference))
        return Secret(parts, self.value, self.drop, later)

    def text(self, text: str) -> Text | Secret:
        """What a text of a file means while definitions load, when no network may be touched.

        Returns:
            The text with its references resolved; or, if a source of theirs is only asked at use, a Secret.

        Raises:
            ConfigError: a reference is misspelt.
            ConfigErrors: references name what their sources do not know.
        """
        secret = self.secret(text)
        if unknown := [self.unknown(each) for each in secret.references if not self.knows(each)]:
            raise ConfigErrors(unknown)
        if secret.deferred:
            return secret
        value = "".join(p if isinstance(p, str) else self._now(p, eager=True) for p in parse(text))
        return Text(value, secret, text)

    def knows(self, reference: Reference) -> bool:
        """Whether its source has an answer; true of sources that are only asked at use."""
        if reference.scheme == "env":
            return reference.address in self.variables
        if reference.scheme == "file":
            return os.access(_path(reference), os.R_OK)
        return bool(reference.scheme) or self.deferred(reference) or self._answer(reference) is not None

    def deferred(self, reference: Reference) -> bool:
        """Whether it can be resolved at use only: over a network, or by a function that may need one."""
        if reference.scheme:
            return reference.remote
        return callable(self.named) and self._variable(reference.address) is None

    def unknown(self, reference: Reference) -> ConfigError:
        """The error that says that a reference has no answer, and what was perhaps meant."""
        name = reference.address
        if reference.scheme == "file":
            return ConfigError(
                f"`{reference}`: there is no file that can be read there.",
                remedy="Mount the secret, correct the path, or make the file readable for this user.",
            )
        if not reference.scheme and (usual := USUAL.get(name.lower())):
            # Another usual name is always near, and never meant.
            return ConfigError(f"`{reference}` is not known.", remedy=f"Set the variable {usual[0]}.")
        known: Iterable[str] = self.variables if reference.scheme == "env" else self.names()
        close = difflib.get_close_matches(name.lower(), {each.lower(): each for each in known}, 1, 0.6)
        spelt = {each.lower(): each for each in known}
        remedy = (
            f"Did you mean `{spelt[close[0]]}`?"
            if close
            else f"Set the variable {name}."
            if reference.scheme == "env"
            else "Define it in the environment file, or as a variable of the process."
        )
        return ConfigError(f"`{reference}` is not known.", remedy=remedy)

    def names(self) -> set[str]:
        """The plain names that have an answer without a network."""
        usual = {name for name in USUAL if self._variable(name) is not None}
        return usual | set(self.variables) | (set(self.named) if isinstance(self.named, Mapping) else set())

    def value(self, reference: Reference) -> str:
        """A reference's value; behind a network or a function it is asked for when the last answer is older
        than `fresh` seconds, variables, files and mappings are read each time.

        Raises:
            ConfigError: its source does not know it, or asking for it needs itself.
            StorageError: its source refuses.
            TransientError: its source cannot be reached.
        """
        if reference.scheme in ("env", "file") or not (reference.scheme or callable(self.named)):
            return self._told(reference, self._now(reference, eager=True))
        with self._lock:
            lock = self._locks.setdefault(reference, threading.RLock())
        with lock:
            value, asked = self._answers.get(reference, ("", float("-inf")))
            if time.monotonic() - asked >= self.fresh:
                value = self._ask(reference)
                self._answers[reference] = value, time.monotonic()
        return self._told(reference, value)

    def drop(self, reference: Reference) -> None:
        """The next use of this one asks its source again."""
        self._answers.pop(reference, None)

    def forget(self) -> None:
        """The next use of each secret asks its source again."""
        self._answers.clear()

    def _told(self, reference: Reference, value: str) -> str:
        """Masks the value from now on, and not for ever what was said before it."""
        former = self._latest.get(reference, value)
        if former != value:
            supersede(former)
        self._latest[reference] = value
        remember(value)
        return value

    def _ask(self, reference: Reference) -> str:
        asking: set[Reference] = self._asking.__dict__.setdefault("now", set())
        if reference in asking:
            raise ConfigError(
                f"`{reference}` is needed to ask for `{reference}` itself.",
                remedy="Let the credential of the vault come from a variable, a file or an identity.",
            )
        asking.add(reference)
        try:
            if not reference.remote:  # a function of `secrets:`
                return self._now(reference, eager=False)
            if reference.scheme not in self.remote:
                raise ConfigError(f"`{reference}`: this environment reaches no {reference.scheme}.")
            return self.remote[reference.scheme](reference)
        finally:
            asking.discard(reference)

    def _now(self, reference: Reference, *, eager: bool) -> str:
        if reference.scheme == "file":
            return _read(reference)
        if reference.scheme == "env":
            found = self.variables.get(reference.address)
        else:
            found = self._answer(reference, eager=eager)
        if found is None:
            raise self.unknown(reference)
        return found

    def _answer(self, reference: Reference, *, eager: bool = True) -> str | None:
        """A plain name's answer; with `eager`, a function is not called."""
        name = reference.address
        found: object = None
        if isinstance(self.named, Mapping):
            found = self.named.get(name)
        elif self.named is not None and not eager:
            found = self._call(name)
        if found is not None and not isinstance(found, str):
            raise ConfigError(
                f"{self.called} answers {name} with no text.",
                why=f"it is {type(found).__name__}",
                remedy="Let it answer texts.",
            )
        return found if found is not None else self._variable(name)

    def _call(self, name: str) -> object:
        assert callable(self.named)
        try:
            return self.named(name)
        except LookupError:
            return None
        except Exception as error:
            raise StorageError(
                f"{self.called} failed when it was asked for {name}.",
                why=f"{type(error).__name__}: {error}",
                remedy="Mend the function; for a name it does not know it returns None.",
            ) from error

    def _variable(self, name: str) -> str | None:
        return next((v for each in variables_of(name) if (v := self.variables.get(each)) is not None), None)


def _path(reference: Reference) -> Path:
    return Path(reference.address).expanduser()


def _read(reference: Reference) -> str:
    try:
        text = _path(reference).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise StorageError(
            f"`{reference}` cannot be read.",
            why=str(error) if isinstance(error, OSError) else "it is not UTF-8 text",
            remedy="Mount the secret, correct the path, or make the file readable for this user.",
        ) from error
    return text.removesuffix("\n").removesuffix("\r")
