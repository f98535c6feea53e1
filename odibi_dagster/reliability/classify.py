"""The class of an error, in one word, for people and for hooks."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from typing import TYPE_CHECKING

from odibi_dagster.errors import OdibiError

if TYPE_CHECKING:
    from dagster import SerializableErrorInfo

# Names of classes, not classes: only a name is left of an error that comes from another process, and the
# libraries need not be imported.
_CLASSES = {
    "cancelled": ("DagsterExecutionInterruptedError", "KeyboardInterrupt", "CancelledError"),
    "crash": ("ChildProcessCrashException", "BrokenProcessPool"),
    "configuration": (
        "DagsterInvalidConfigError",
        "DagsterInvalidDefinitionError",
        "ModuleNotFoundError",
        "ImportError",
        "SyntaxError",
    ),
    "sql": (
        "BinderException",
        "CatalogException",
        "ParserException",
        "SyntaxException",
        "NotImplementedException",
        "ParseError",
        "UnsupportedError",
    ),
    "data": (
        "ConversionException",
        "OutOfRangeException",
        "ConstraintException",
        "InvalidInputException",
        "TypeMismatchException",
        "SchemaMismatchError",
        "UnicodeDecodeError",
    ),
    "state": ("TableNotFoundError", "DeltaProtocolError"),
    "transient": (
        "CommitFailedError",
        "TimeoutError",
        "timeout",
        "ConnectionError",
        "ConnectionResetError",
        "ConnectionAbortedError",
        "ConnectionRefusedError",
        "BrokenPipeError",
        "InterruptedError",
        "BlockingIOError",
        "HTTPException",
        "IncompleteRead",
        "EndpointConnectionError",
        "ConnectTimeoutError",
        "ReadTimeoutError",
        "ConnectionClosedError",
        "ServiceRequestError",
        "ServiceResponseError",
    ),
    "authentication": (
        "ClientAuthenticationError",
        "CredentialUnavailableError",
        "NoCredentialsError",
        "PartialCredentialsError",
        "UnauthenticatedError",
    ),
    "permission": ("PermissionDeniedError",),
    "tls": ("SSLError", "SSLCertVerificationError"),
    "storage": ("OSError", "PermissionError", "FileNotFoundError", "NotADirectoryError", "IOException"),
}
_KIND_OF_NAME = {name: kind for kind, names in _CLASSES.items() for name in names}
_TRANSIENT_ERRNO = {errno.ETIMEDOUT, errno.ECONNRESET, errno.EHOSTUNREACH, errno.ENETUNREACH, errno.EAGAIN}


def classify(error: BaseException | SerializableErrorInfo | None) -> str:
    """Return the class of a failure: data, configuration, sql, state, storage, transient, crash, cancelled
    or error; of a store's failure more precisely: authentication, permission, container, missing, changed,
    name, tls, clock, quota, space, atomic, and of those that may pass: throttled, timeout, unreachable.

    Causes are followed to the end. An error of the platform decides, since it knows what was being done;
    without one, the innermost cause that is known does; `error` is a failure nobody knows.
    None, a failure without any error, is the `crash` of a process.

    Args:
        error: an exception, or what Dagster kept of it.
    """
    if error is None:
        return "crash"
    kinds = _OdibiKinds()
    known = "error"
    for link in _chain(error):
        if own := kinds.of(link):
            return own
        known = kind_of(link) or known
    return known


class _OdibiKinds:
    """The kinds of the platform's own errors, by class and by class name."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}
        pending = [OdibiError]
        while pending:
            kind = pending.pop()
            self._names[kind.__name__] = kind.kind
            pending.extend(kind.__subclasses__())

    def of(self, link: BaseException | SerializableErrorInfo) -> str | None:
        if isinstance(link, OdibiError):
            return link.kind
        if isinstance(link, BaseException):
            return None
        return self._names.get(_bare(link.cls_name))


def _chain(
    error: BaseException | SerializableErrorInfo,
) -> Iterator[BaseException | SerializableErrorInfo]:
    """An error and its causes, each once. What was merely being handled meanwhile is no cause."""
    link: BaseException | SerializableErrorInfo | None = error
    seen: set[int] = set()
    while link is not None and id(link) not in seen:
        seen.add(id(link))
        yield link
        link = link.__cause__ if isinstance(link, BaseException) else link.cause


def kind_of(link: BaseException | SerializableErrorInfo) -> str | None:
    """Return the class of one error of a library, whatever its causes; None if it is unknown."""
    if not isinstance(link, BaseException):
        return _KIND_OF_NAME.get(_bare(link.cls_name))
    if isinstance(link, OSError) and link.errno in _TRANSIENT_ERRNO:
        return "transient"
    return next((kind for base in type(link).__mro__ if (kind := _KIND_OF_NAME.get(base.__name__))), None)


def _bare(name: str | None) -> str:
    return (name or "").rpartition(".")[2]
