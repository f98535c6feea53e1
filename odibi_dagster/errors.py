"""The errors a person reads: what failed, where, why, and what to do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Where:
    """A place to look at: a table, a file of the project, a line, or a URL without secrets."""

    table: str | None = None
    file: str | None = None
    line: int | None = None
    url: str | None = None

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.file and self.line else (self.file or "")
        return ", ".join(part for part in (self.table or "", place, self.url or "") if part)


class OdibiError(Exception):
    """A failure with a cause and a remedy.

    `retryable` tells whether the same work may succeed when it is tried again without anybody's help;
    it decides whether Dagster's retry policy applies. `kind` is the short class that hooks see.

    Args:
        what: one sentence that says what failed.
        where: the table, file, line or URL.
        why: the cause, as precise as it is known.
        remedy: what the reader can do.
    """

    retryable = False
    kind = "error"

    def __init__(self, what: str, *, where: Where | None = None, why: str = "", remedy: str = "") -> None:
        self.what, self.where, self.why, self.remedy = what, where or Where(), why, remedy
        super().__init__(str(self))

    def __str__(self) -> str:
        lines = [f"{self.where}: {self.what}" if str(self.where) else self.what]
        if self.why:
            lines.append(f"  why: {self.why}")
        if self.remedy:
            lines.append(f"  to do: {self.remedy}")
        return "\n".join(lines)


class ConfigError(OdibiError):
    """An environment file, a table file or a command line that cannot be meant."""

    kind = "configuration"


class SqlError(ConfigError):
    """SQL that does not parse, names something unknown, or uses what is not in the catalogue."""

    kind = "sql"


class DataError(OdibiError):
    """Data that breaks a contract: a schema, a partition, a failing expectation, an unreadable file."""

    kind = "data"


class StateError(OdibiError):
    """A table, ledger or identity that does not fit what the platform recorded: somebody has to look."""

    kind = "state"


class StorageError(OdibiError):
    """A store that refused or failed: permission, missing container, full disk."""

    kind = "storage"


class AuthenticationError(StorageError):
    """A store that does not believe who asks: a wrong, expired or missing key, secret, signature or token."""

    kind = "authentication"


class PermissionDenied(StorageError):
    """A store that knows who asks and does not let them, or a folder of another user."""

    kind = "permission"


class ObjectNotFound(StorageError):
    """An object that somebody relied on is not in its store."""

    kind = "missing"


class ObjectChanged(StorageError):
    """An object is not the one any more that was asked for."""

    kind = "changed"


class ContainerNotFound(StorageError):
    """The container or bucket is missing, or in another region."""

    kind = "container"


class NameResolutionError(StorageError):
    """The host of a store has no address: a misspelled account or endpoint, or no name server for it."""

    kind = "name"


class TlsError(StorageError):
    """No trusted connection: an unknown certificate authority, an expired certificate, no TLS at all."""

    kind = "tls"


class ClockError(StorageError):
    """This machine's clock is too far from the store's."""

    kind = "clock"


class QuotaError(StorageError):
    """A limit that somebody has set, or bought, is reached."""

    kind = "quota"


class SpaceError(StorageError):
    """There is no space left."""

    kind = "space"


class NoAtomicCreate(StorageError):
    """A store on which two writers can both create one object: commits there would be lost."""

    kind = "atomic"


class ResourceError(OdibiError):
    """A limit of this process that ran out, such as its memory: the settings have to change."""

    kind = "resource"


class TransientError(OdibiError):
    """A failure that passes by itself: a time-out, throttling, a conflict with another writer."""

    retryable = True
    kind = "transient"
    #: For how many seconds the store asked to be left alone, where it said so and the client kept it.
    after: float | None = None


class Throttled(TransientError):
    """A store that is asked too much for now."""

    kind = "throttled"


class TimedOut(TransientError):
    """A store that did not answer in time."""

    kind = "timeout"


class Unreachable(TransientError):
    """A connection that was refused or broke off."""

    kind = "unreachable"


class ConfigErrors(ConfigError):
    """Every configuration error of one load, together."""

    def __init__(self, errors: Sequence[ConfigError]) -> None:
        self.errors = tuple(errors)
        count = f"{len(self.errors)} error" + ("s" if len(self.errors) != 1 else "")
        super().__init__(f"The definitions do not load: {count}.")

    def __str__(self) -> str:
        return (
            "\n".join([self.what, *(str(error) for error in self.errors)]) if hasattr(self, "errors") else ""
        )
