from __future__ import annotations

import errno
import sys

import dagster as dg
import duckdb
import pytest
from dagster._core.executor.child_process_executor import ChildProcessCrashException
from dagster._utils.error import serializable_error_info_from_exc_info
from deltalake.exceptions import CommitFailedError, TableNotFoundError

from odibi_dagster.errors import ConfigError, DataError, SqlError, StateError, StorageError, TransientError
from odibi_dagster.reliability.classify import classify

CASES = [
    (DataError("x"), "data"),
    (ConfigError("x"), "configuration"),
    (SqlError("x"), "sql"),
    (StateError("x"), "state"),
    (StorageError("x"), "storage"),
    (TransientError("x"), "transient"),
    (PermissionError(errno.EACCES, "no"), "storage"),
    (OSError(errno.ENOSPC, "full"), "storage"),
    (OSError(errno.EHOSTUNREACH, "no route"), "transient"),
    (TimeoutError("late"), "transient"),
    (ConnectionResetError("bye"), "transient"),
    (CommitFailedError("conflict"), "transient"),
    (TableNotFoundError("gone"), "state"),
    (duckdb.ConversionException("x"), "data"),
    (duckdb.BinderException("x"), "sql"),
    (duckdb.IOException("x"), "storage"),
    (ChildProcessCrashException(1), "crash"),
    (KeyboardInterrupt(), "cancelled"),
    (ZeroDivisionError("x"), "error"),
    (None, "crash"),
]


@pytest.mark.parametrize(("error", "kind"), CASES)
def test_an_error_has_a_class(error: BaseException | None, kind: str) -> None:
    assert classify(error) == kind


@pytest.mark.parametrize(("error", "kind"), CASES[:-1])
def test_what_dagster_keeps_of_an_error_has_the_same_class(error: BaseException, kind: str) -> None:
    if error.args and isinstance(error.args[0], int) and isinstance(error, OSError) and kind == "transient":
        kind = "storage"  # only the class's name is left, which for this one says no more
    assert classify(kept(error)) == kind


def test_causes_are_followed_to_the_end() -> None:
    inner = ConnectionResetError("bye")
    middle = RuntimeError("the library's")
    middle.__cause__ = inner
    outer = dg.Failure("the step's")
    outer.__cause__ = middle
    assert classify(outer) == "transient"
    assert classify(kept(outer)) == "transient"


def test_the_platforms_own_error_decides() -> None:
    inner = duckdb.BinderException("x")
    ours = DataError("x")
    ours.__cause__ = inner
    outer = RuntimeError("x")
    outer.__cause__ = ours
    assert classify(outer) == "data"
    assert classify(kept(outer)) == "data"


def test_what_was_being_handled_is_no_cause() -> None:
    with pytest.raises(RuntimeError) as caught:
        try:
            import no_such_module  # noqa: F401
        except ImportError:
            raise RuntimeError("the real trouble")  # noqa: B904
    assert classify(caught.value) == "error"


def test_a_circle_of_causes_ends() -> None:
    one, two = RuntimeError("1"), RuntimeError("2")
    one.__cause__, two.__cause__ = two, one
    assert classify(one) == "error"


def kept(error: BaseException) -> dg.SerializableErrorInfo:
    try:
        raise error
    except BaseException:
        return serializable_error_info_from_exc_info(sys.exc_info())
